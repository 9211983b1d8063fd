/** Names of the custom resource and its label. */
export const group = 'pratique.dev';
export const version = 'v1alpha1';
export const apiVersion = `${group}/${version}`;
export const kind = 'ImageInspection';
export const plural = 'imageinspections';
/** Label of the objects that the controller created. It deletes only those. */
export const managedByLabel = 'app.kubernetes.io/managed-by';
export const managedBy = 'pratique';
/** Annotation with which a user requests an inspection: each new value causes one. */
export const inspectNowAnnotation = 'pratique.dev/inspect-now';
