/* The acts that the record of the staff knows, by the name of their text (`acts.operations`). */
const PREFIX = '/api/v1/'

const NAMES: Record<string, string> = {
  sign_in: 'signIn',
  'DELETE session': 'signOut',
  'POST session/password': 'changeMyPassword',
  'POST session/second-factor': 'setUpFactor',
  'POST session/second-factor/confirm': 'confirmFactor',
  'POST session/second-factor/end': 'endFactor',
  'POST staff': 'addStaff',
  'PATCH staff/<uuid:staff_id>': 'changeStaff',
  'POST staff/<uuid:staff_id>/password': 'setStaffPassword',
  'POST staff/<uuid:staff_id>/second-factor/reset': 'resetFactor',
  'POST members': 'enrolMember',
  'POST members/lookup': 'lookUpMember',
  'GET members/<uuid:member_id>': 'readWholeMember',
  'PATCH members/<uuid:member_id>': 'changeMember',
  'POST members/<uuid:member_id>/freeze': 'freezeMember',
  'POST members/<uuid:member_id>/unfreeze': 'unfreezeMember',
  'POST members/<uuid:member_id>/leave': 'endMembership',
  'POST members/<uuid:member_id>/erase': 'eraseMember',
  'POST members/<uuid:member_id>/merge': 'mergeMember',
  'POST merges/<uuid:activity_id>/undo': 'undoMerge',
  'POST activities': 'bookActivity',
  'POST activities/batch': 'bookActivities',
  'POST activities/preview': 'previewActivities',
  'POST gift-runs': 'startGiftRun',
  'POST gift-runs/preview': 'previewGiftRun',
  'POST gift-runs/<uuid:run_id>/cancel': 'cancelGiftRun',
  'POST approvals/<uuid:approval_id>/confirm': 'confirmApproval',
  'POST approvals/<uuid:approval_id>/refuse': 'refuseApproval',
  'PUT rule-sets/drafts/<str:name>': 'putDraft',
  'DELETE rule-sets/drafts/<str:name>': 'deleteDraft',
  'POST rule-sets/drafts/<str:name>/publish': 'publishDraft',
  'POST rule-sets/trial': 'tryRules',
  'POST imports': 'startImport',
  'PUT imports/<uuid:import_id>/mapping': 'mapImport',
  'POST imports/<uuid:import_id>/check': 'checkImport',
  'POST imports/<uuid:import_id>/run': 'runImport',
  'GET imports/<uuid:import_id>/rejected': 'readRejectedLines',
  'POST segments/preview': 'previewSegment',
  'PUT segments/<str:code>': 'putSegment',
  'DELETE segments/<str:code>': 'deleteSegment',
  'POST coupons/lookup': 'lookUpCoupon',
  'POST checkout/quote': 'quoteCheckout',
  'POST offset/quote': 'quoteOffset',
  'POST notices/preview': 'previewNotices',
  'POST notices/plan': 'planNotices',
  'POST notices/late': 'planLateNotices',
  'POST notices/retry': 'retryNotices',
  'POST notices/send': 'sendNotices',
  'POST expiry/preview': 'previewExpiry',
  'POST expiry/runs': 'runExpiry',
  'POST clears': 'announceClear',
  'POST clears/<uuid:clearing_id>/preview': 'previewClear',
  'POST clears/<uuid:clearing_id>/runs': 'runClear',
  'POST clears/<uuid:clearing_id>/cancel': 'cancelClear',
  'POST verify': 'verify',
  'PATCH programme': 'changeProgramme',
  'POST set-up': 'setUp',
}

/** The name of an operation's text; nothing for one that has none. */
export function nameOf(operation: string): string | undefined {
  return NAMES[operation.replace(PREFIX, '')]
}

/** Every operation as the API writes it, with the name of its text. */
export const operations = Object.entries(NAMES).map(([short, name]) => ({
  operation: short.includes(' ') ? short.replace(' ', ` ${PREFIX}`) : short,
  name,
}))
