/** What the resource is called in the cluster. */
export const group = 'pratique.dev';
export const version = 'v1alpha1';
export const apiVersion = `${group}/${version}`;
export const kind = 'ImageInspection';
export const plural = 'imageinspections';
/** Objects with it were made by the controller, and only those it removes. */
export const managedByLabel = 'app.kubernetes.io/managed-by';
export const managedBy = 'pratique';
