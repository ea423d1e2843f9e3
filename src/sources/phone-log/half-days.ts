/** Half of the day on a clock of twelve hours. `night` reaches over midnight. */
export type HalfDay = 'am' | 'pm' | 'night';

/**
 * The half of the day that words beside a time name, in any language that phones have. Null if they name none: `um`,
 * `klo`, `Uhr`. Other words may stand before: `г., ч. pm`.
 */
export function halfDay(words: string): HalfDay | null {
  if (words === '') return null;
  const known = cache.get(words);
  if (known !== undefined) return known;
  const parts = words.split(/[\s,،、，;()[\]]+/).filter((part) => part !== '');
  let half: HalfDay | null = null;
  for (let first = 0; first < parts.length && half === null; first++)
    for (let end = parts.length; end > first && half === null; end--)
      half = HALVES.get(plain(parts.slice(first, end).join(''))) ?? null;
  if (cache.size < 1000) cache.set(words, half);
  return half;
}

const cache = new Map<string, HalfDay | null>();

function plain(word: string): string {
  return word
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[.\s\u200b-\u200f'’"״”·-]/g, '');
}

/** Phones take these words from CLDR; several generations of it are in use. `/`: the words of one language. */
const AM = `am/ap/vm/vorm vormittags morgens/fm fmd/πμ/ص صباحا صباحًا/قظ قبلازظهر/قبلدوپہر/午前/上午 上晝 早上 清晨 朝早 凌晨 早晨/오전 아침 새벽/ก่อนเที่ยง เช้า ในตอนเช้า
 sa sáng/pg pagi/öö/öğledenönce/de délelőtt/dop dopoledne dopoldne dopoldan/дп/прпоб преобед пробед/претпл претпладне/препподне преподне прпод prijepodne prepodne/priekšp priekšpusdienā/priešpiet
 eparadites paradites pd/rn/ib/rw/पूर्वाह्न सुबह/मपू सकाळ पहाट/পূর্বাহ্ণ পূর্বাহ্ন পূৰ্বাহ্ন ভোর সকাল/પૂર્વમધ્યાહ્ન સવારે/ಪೂರ್ವಾಹ್ನ ಬೆಳಗ್ಗೆ/முற்பகல் காலை அதிகாலை/పూ పూర్వాహ్నం ఉ ఉదయం/പുലർച്ചെ രാവിലെ/ਪੂਦੁ ਸਵੇਰੇ/पूर्वमध्यान्ह बिहान
ව පෙව/ກ່ອນທ່ຽງ/ព្រឹក/နံနက်/ጥዋት ቅቀ/לפנהצ בבוקר/կա/დილ/ертеңгі тң/үө/эи/priešpiet/asubuhi/mañana delamañana delamadrugada/matin dumatin/damanhã damadrugada/nachts/སྔ་ཆ་/چب/بن/ago ag/gh/hh/to/moies/an zdatazal`;
const PM = `pm/ip/nm/nachm nachmittags mittags abends/em/μμ/م مساء مساءً/بظ بعدازظهر/بعددوپہر/午後 正午 夕方/下午 下晝 中午 晚上 傍晚/오후 저녁 정오/หลังเที่ยง เที่ยง บ่าย เย็น ในตอนเย็น ค่ำ
 ch chiều tối trưa/ptg petang tengahhari/ös/öğledensonra/du délután/odp odpoledne/pop popoldne popoldan/slob слоб следобед/пп/попл попладне/поподне послеподне/poslijepodne popodne/pēcp pēcpusdienā/popiet
 epasdites pasdites md/in/ep/eb/अपराह्न दोपहर शाम/मउ दुपार संध्याकाळ/অপরাহ্ণ অপরাহ্ন অপৰাহ্ন দুপুর বিকাল সন্ধ্যা/ઉત્તરમધ્યાહ્ન બપોરે સાંજે/ಅಪರಾಹ್ನ ಮಧ್ಯಾಹ್ನ ಸಂಜೆ/பிற்பகல் மாலை மதியம் நண்பகல்/అ అపరాహ్నం సా సాయంత్రం మధ్యాహ్నం/ഉച്ച ഉച്ചയ്ക്ക് ഉച്ചതിരിഞ്ഞ് വൈകുന്നേരം/ਬਾਦੁ ਸ਼ਾਮੀਂ ਦੁਪਹਿਰੇ/अपरान्ह साँझ
 පව/ຫຼັງທ່ຽງ/ល្ងាច/ညနေ/ከሰዓት ድቀ/אחהצ בערב בצהריים/կհ/საღ შუადღ/кейінгі тк/үх/эк/mchana jioni/tarde delatarde delanoche delmediodía noon/soir dusoir aprèsmidi midi/datarde danoite meiodia/ཕྱི་ཆ་/چك شام/دن/anw/gd/ym/ea/nam nomëttes/gosoň/odp`;
const NIGHT =
  '밤 夜 夜中 深夜 半夜 রাত রাত্রি রাত্রিবেলায় இரவு రాత్రి रात रात्र รাত กลางคืน đêm malam презнощта ღამით રાત્રે ರಾತ್ರಿ രാത്രി رات ਰਾਤੀਂ ноћу noću noche';

const HALVES = new Map<string, HalfDay>(
  (
    [
      ['night', NIGHT],
      ['pm', PM],
      ['am', AM],
    ] as const
  ).flatMap(([half, words]) => words.split(/[\s/]+/).map((word): [string, HalfDay] => [plain(word), half])),
);
