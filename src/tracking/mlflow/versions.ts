/** The version of MLflow that we install, and whose formats we write. */
export const mlflowVersion = '3.17.2';
