/** Kinds of the built-in API groups and of our own, by group; `''` is the core group. Cluster-wide ones are marked with `*`. */
const KINDS: Readonly<Record<string, string>> = {
  '': 'Binding ComponentStatus* ConfigMap Endpoints Event LimitRange Namespace* Node* PersistentVolume* PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount',
  apps: 'ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet',
  batch: 'CronJob Job',
  autoscaling: 'HorizontalPodAutoscaler',
  policy: 'PodDisruptionBudget PodSecurityPolicy*',
  'networking.k8s.io': 'Ingress IngressClass* IPAddress* NetworkPolicy ServiceCIDR*',
  extensions: 'Ingress NetworkPolicy Deployment DaemonSet ReplicaSet',
  'rbac.authorization.k8s.io': 'ClusterRole* ClusterRoleBinding* Role RoleBinding',
  'apiextensions.k8s.io': 'CustomResourceDefinition*',
  'apiregistration.k8s.io': 'APIService*',
  'admissionregistration.k8s.io':
    'MutatingWebhookConfiguration* ValidatingWebhookConfiguration* ValidatingAdmissionPolicy* ValidatingAdmissionPolicyBinding* MutatingAdmissionPolicy* MutatingAdmissionPolicyBinding*',
  'coordination.k8s.io': 'Lease LeaseCandidate',
  'discovery.k8s.io': 'EndpointSlice',
  'events.k8s.io': 'Event',
  'scheduling.k8s.io': 'PriorityClass*',
  'storage.k8s.io': 'CSIDriver* CSINode* CSIStorageCapacity StorageClass* VolumeAttachment* VolumeAttributesClass*',
  'node.k8s.io': 'RuntimeClass*',
  'certificates.k8s.io': 'CertificateSigningRequest* ClusterTrustBundle*',
  'flowcontrol.apiserver.k8s.io': 'FlowSchema* PriorityLevelConfiguration*',
  'resource.k8s.io': 'DeviceClass* ResourceClaim ResourceClaimTemplate ResourceSlice*',
  'aci-gateway.io': 'FabricGroup* FabricPolicy',
  'policy.networking.k8s.io': 'AdminNetworkPolicy* BaselineAdminNetworkPolicy* ClusterNetworkPolicy*',
};

const kindsOf = (group: string): readonly string[] => (KINDS[group] ?? '').split(' ');

/** Group of an apiVersion: `apps/v1` → `apps`, `v1` → ''. */
const groupOf = (apiVersion: string): string => (apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '');

/** Whether the kind is built into Kubernetes, or is one of the network-policy-api's or of ours. */
export const isKnownKind = (apiVersion: string, kind: string): boolean =>
  kindsOf(groupOf(apiVersion)).some((known) => known.replace('*', '') === kind);

/** Groups of files that are no API objects: instructions for tools. */
export const isIgnoredGroup = (apiVersion: string): boolean => groupOf(apiVersion) === 'kustomize.config.k8s.io';

/** Whether objects of the kind live in a namespace; kinds that are not known are taken to. */
export const isNamespaced = (kind: string): boolean =>
  !Object.values(KINDS).some((kinds) => kinds.split(' ').includes(`${kind}*`));

/** A kind as the API writes it, given in any case; as it is given when Kubernetes does not know it. */
export const kindAsWritten = (kind: string): string =>
  Object.keys(KINDS)
    .flatMap(kindsOf)
    .map((known) => known.replace('*', ''))
    .find((known) => known.toLowerCase() === kind.toLowerCase()) ?? kind;
