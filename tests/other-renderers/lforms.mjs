/* A page with LHC-Forms alone: `show` draws an empty Questionnaire, `answers` reads what was answered. */
globalThis.show = async (questionnaire) => {
  const { Util } = globalThis.LForms;
  await Util.addFormToPage(Util.convertFHIRQuestionnaireToLForms(questionnaire, 'R4'), 'root');
};
globalThis.answers = () => globalThis.LForms.Util.getFormFHIRData('QuestionnaireResponse', 'R4');
globalThis.isReady = true;
