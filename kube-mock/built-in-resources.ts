import type { ResourceType } from './resource-type.js';

/**
 * One line a resource: group/version, plural, kind, then flags: `cluster` (not in a namespace), `status`, `scale`,
 * `custom` (treated as one of a CustomResourceDefinition, which it is elsewhere), `all` (category), `short=a,b`. Facts are those of `kubectl api-resources` of a real API server.
 */
const TABLE = `
v1 namespaces Namespace cluster status short=ns
v1 nodes Node cluster status short=no
v1 persistentvolumes PersistentVolume cluster status short=pv
v1 pods Pod status short=po all
v1 services Service status short=svc all
v1 endpoints Endpoints short=ep
v1 configmaps ConfigMap short=cm
v1 secrets Secret
v1 serviceaccounts ServiceAccount short=sa
v1 events Event short=ev
v1 limitranges LimitRange short=limits
v1 resourcequotas ResourceQuota status short=quota
v1 persistentvolumeclaims PersistentVolumeClaim status short=pvc
v1 replicationcontrollers ReplicationController status scale short=rc all
apps/v1 deployments Deployment status scale short=deploy all
apps/v1 replicasets ReplicaSet status scale short=rs all
apps/v1 statefulsets StatefulSet status scale short=sts all
apps/v1 daemonsets DaemonSet status short=ds all
apps/v1 controllerrevisions ControllerRevision
batch/v1 jobs Job status all
batch/v1 cronjobs CronJob status short=cj all
networking.k8s.io/v1 networkpolicies NetworkPolicy short=netpol
networking.k8s.io/v1 ingresses Ingress status short=ing
networking.k8s.io/v1 ingressclasses IngressClass cluster
policy.networking.k8s.io/v1alpha1 adminnetworkpolicies AdminNetworkPolicy cluster status custom short=anp
policy.networking.k8s.io/v1alpha1 baselineadminnetworkpolicies BaselineAdminNetworkPolicy cluster status custom short=banp
policy.networking.k8s.io/v1alpha2 clusternetworkpolicies ClusterNetworkPolicy cluster status custom short=cnp
discovery.k8s.io/v1 endpointslices EndpointSlice
coordination.k8s.io/v1 leases Lease
policy/v1 poddisruptionbudgets PodDisruptionBudget status short=pdb
autoscaling/v2 horizontalpodautoscalers HorizontalPodAutoscaler status short=hpa all
rbac.authorization.k8s.io/v1 roles Role
rbac.authorization.k8s.io/v1 rolebindings RoleBinding
rbac.authorization.k8s.io/v1 clusterroles ClusterRole cluster
rbac.authorization.k8s.io/v1 clusterrolebindings ClusterRoleBinding cluster
scheduling.k8s.io/v1 priorityclasses PriorityClass cluster short=pc
storage.k8s.io/v1 storageclasses StorageClass cluster short=sc
apiextensions.k8s.io/v1 customresourcedefinitions CustomResourceDefinition cluster status short=crd,crds
admissionregistration.k8s.io/v1 validatingwebhookconfigurations ValidatingWebhookConfiguration cluster
admissionregistration.k8s.io/v1 mutatingwebhookconfigurations MutatingWebhookConfiguration cluster
`;

/** The resources that every API server has, as far as kube-mock serves them, and those of the network-policy-api. */
export const BUILT_IN_RESOURCES: readonly ResourceType[] = TABLE.trim().split('\n').map(parseRow);

function parseRow(row: string): ResourceType {
  const [apiVersion = '', plural = '', kind = '', ...flags] = row.split(' ');
  const cut = apiVersion.indexOf('/');
  const version = apiVersion.slice(cut + 1);
  const short = flags.find((flag) => flag.startsWith('short='))?.slice('short='.length);
  return {
    group: cut === -1 ? '' : apiVersion.slice(0, cut),
    version,
    versions: [version],
    plural,
    singular: kind.toLowerCase(),
    kind,
    namespaced: !flags.includes('cluster'),
    shortNames: short === undefined ? [] : short.split(','),
    categories: flags.includes('all') ? ['all'] : [],
    subresources: (['status', 'scale'] as const).filter((name) => flags.includes(name)),
    custom: flags.includes('custom'),
  };
}
