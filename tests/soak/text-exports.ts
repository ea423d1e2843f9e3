import type { Corpus } from './read-mutated.ts';

export const signalExport = `[2024-05-29 15:04:10] Me: How is everyone?  
[2024-05-29 15:10:11] Aya: We're great!  
(- Me: 👍, Bo Lee: ❤ -)
[2024-05-29 15:11:00] Aya:   ![beach.jpg](./media/beach.jpg)  
[2024-05-29 15:12:00] Me: 

> We're great!
> really

nice
and more  
[2024-05-29 15:13:00] Aya: (This message was deleted)
[2024-05-29 15:14:00] Aya:   
(( 😀 ))
[2024-05-29 15:15:00] Aya:   [😀](../exported_stickers/a/1.webp)  
[2024-05-29 15:16:00] Aya: Incoming voice call (accepted, 5m 3s)  
[2024-05-29 15:17:00] Aya: look  [report.pdf](./media/report.pdf)  ![a (1).png](./media/a%20(1).png)  
[2024-05-29 15:18:00] Me: > not a quote, (- not: reactions -) and [a](./b) (( x ))  
[2024-05-29 15:19:00] No-Sender:   
[2024-05-29 15:20:00] Me:   (media not exported)  
`;

export const sigtopShort = `2023-01-23 12:34 Alice: Bob is right
2023-01-23 12:35 Bob: [reply to Alice on 2023-01-23 12:34, edited, 1 attachment] Alice is wrong
second line
2023-01-23 12:36 Bob: [2 attachments]
2023-01-23 12:37 You: [call-history message]
2023-01-23 12:38 You: [group-v2-change message]
2023-01-23 12:39 You: [sic] brackets
`;

export const sigtopLong = `Conversation: Alice (+4912345)

From: Alice (+4912345)
Type: incoming
Sent: Mon, 23 Jan 2023 12:34:56 +0100
Received: Mon, 23 Jan 2023 12:34:57 +0100
Reaction: 👍 from Bo Lee (+4967)

Bob is right

From: nobody
really

From: You
Type: outgoing
Sent: Mon, 23 Jan 2023 12:35:56 +0100
Attachment: a.jpg (image/jpeg, 100 bytes)

> From: Alice (+4912345)
> Sent: Mon, 23 Jan 2023 12:34:56 +0100
>
> Bob is right

No, he is not

From: You
Type: outgoing
Sent: Mon, 23 Jan 2023 12:36:56 +0100
Attachment: a.jpg (image/jpeg, 100 bytes)

Type: call-history
Sent: Mon, 23 Jan 2023 12:37:56 +0100
Received: Mon, 23 Jan 2023 12:37:56 +0100

From: You
Type: outgoing
Sent: Mon, 23 Jan 2023 12:38:56 +0100
Edited: 2 versions

| Version: 2
| Sent: Mon, 23 Jan 2023 12:39:56 +0100
|
| new text
|
| Version: 1
| Sent: Mon, 23 Jan 2023 12:38:56 +0100
|
| old text

`;

export const imessageText = `May 17, 2022  5:29:42 PM (Read by you after 1 hour, 49 seconds)
Ann Lee
Hello there
in two lines
Tapbacks:
Loved by Me
Laughed by Bo
    May 17, 2022  5:30:00 PM
    Me
    A reply

May 17, 2022  5:30:00 PM
Me
A reply
This message responded to an earlier message.

May 17, 2022 10:31:00 PM
Me
attachments/12/IMG_1.heic

May 17, 2022 10:32:00 PM You renamed the conversation to Friends

May 17, 2022 10:33:00 PM
Ann Lee
May 17, 2022 10:33:00 PM frist
Edited 5 seconds later: first

May 17, 2022 10:34:00 PM
Ann Lee
main.ts (the new one)
Sent with Confetti

May 17, 2022 10:35:00 PM
Ann Lee
~/Library/Messages/Attachments/a b/IMG_2.jpeg
a caption

`;

export const imessagePage = `<html>
<head>
<meta charset="UTF-8"><style>
.message .sent.iMessage { color: white; }
.timestamp { color: gray; }
</style><link rel="stylesheet" href="style.css">
</head><body>
<div class="message">
<div class="received">
<p><span class="timestamp">May 17, 2022  5:29:42 PM (Read by you after 1 hour)</span>
<span class="sender">Ann Lee</span></p>
<hr><div class="message_part">
<span class="bubble">Hello &lt;b&gt; &amp; you
in two lines</span>
</div>
<hr><p>Tapbacks:</p><div class="tapbacks"><div class="tapback"><span><b>Loved</b> by Me</span></div></div>
<div class="replies"><div class="reply" id="x"><div class="message"><div class="sent iMessage"><p><span class="timestamp">May 17, 2022  5:30:00 PM</span><span class="sender">Me</span></p><hr><div class="message_part"><span class="bubble">A reply</span></div></div></div></div></div>
</div>
</div>
<div class="message", id="r-x">
<div class="sent iMessage">
<p><span class="timestamp">May 17, 2022  5:30:00 PM</span>
<span class="reply_anchor"><a href="#x">⇱</a></span>
<span class="sender">Me</span></p>
<hr><div class="message_part"><span class="bubble">A reply</span></div>
<span class="reply_context">This message responded to an earlier message.</span>
</div></div>
<div class ="announcement"><p><span class="timestamp">May 17, 2022 10:32:00 PM</span> You named the conversation <b>Friends</b></p></div>
<div class="message"><div class="sent iMessage"><p><span class="timestamp">May 17, 2022 10:33:00 PM</span><span class="sender">Me</span></p><hr><div class="message_part"><div class="edited"><table><tbody><tr><td><span class="timestamp"></span></td><td>frist</td></tr></tbody><tfoot><tr><td><span class="timestamp">Edited 5 seconds later</span></td><td>first</td></tr></tfoot></table></div></div></div></div>
<div class="message"><div class="received"><p><span class="timestamp">May 17, 2022 10:34:00 PM</span><span class="sender">Ann Lee</span></p><hr><div class="message_part"><div class="attachment"><img src="attachments/12/a.png" loading="lazy"></div></div></div></div>
</body></html>
`;

export const kakaoWindows = `하나 님과 카카오톡 대화
저장한 날짜 : 2024-01-03 15:20:41

--------------- 2024년 1월 1일 월요일 ---------------
[하나] [오후 3:20] 안녕
[두리 김] [오전 11:05] 여러 줄
[x] 이어지는 메시지
[하나] [오후 12:01] 사진
[하나] [오후 12:02] 이모티콘
하나님이 나갔습니다.
--------------- 2024년 1월 2일 화요일 ---------------
[하나] [오전 12:03] 삭제된 메시지입니다.
[하나] [오전 12:04] 사진 봤어?
`;

export const lineJapanese = `[LINE] 森とのトーク履歴\n保存日時：2024/08/01 00:00\n\n2024/07/01(月)\n10:23\t森\tこんにちは\n10:24\t田中\t"一行目\n二行目"\n10:25\t森\t[スタンプ]\n10:26\t森\t☎ 通話時間 0:12\n10:27\t\t森が田中を招待しました\n10:28\t森がメッセージの送信を取り消しました\n\n2024/07/03(水)\n09:00\t森\t元気？ 2024/07/05(金)\n`;

/** A small corpus of each format that other programs write as text. */
export const TEXT_CORPORA: Corpus[] = [
  { name: 'signal-export', format: 'signal', files: { 'Aya/chat.md': Buffer.from(signalExport) } },
  { name: 'sigtop short', format: 'signal', files: { 'a.txt': Buffer.from(sigtopShort) } },
  { name: 'sigtop', format: 'signal', files: { 'a.txt': Buffer.from(sigtopLong) } },
  { name: 'line', format: 'line', files: { 'a.txt': Buffer.from(lineJapanese) } },
  { name: 'kakaotalk', format: 'kakaotalk', files: { 'a.txt': Buffer.from(kakaoWindows) } },
  {
    name: 'kakaotalk mac',
    format: 'kakaotalk',
    files: { 'a.csv': Buffer.from('Date,User,Message\n2024-02-06 00:00:58,"Ann","one, two\nthree"\n') },
  },
  { name: 'imessage', format: 'imessage', files: { 'a.txt': Buffer.from(imessageText) } },
  { name: 'imessage page', format: 'imessage', files: { 'a.html': Buffer.from(imessagePage) } },
  {
    name: 'dialogue',
    format: 'dialogue',
    files: { 'a.txt': Buffer.from('Ann: hi\nBen: ho\nmore\nAnn: a\nBen: b\nAnn: c\n') },
  },
];
