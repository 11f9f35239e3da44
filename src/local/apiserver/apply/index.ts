/** Who owns which field: server-side apply and metadata.managedFields, by structured-merge-diff's rules. Pure. */
export { serverSideApply, type Application } from './apply.js';
export { type ManagedFieldsEntry, type Operation } from './managed-fields.js';
export { updateManagedFields, type Update } from './update.js';
