/**
 * Field numbers of the messages kubectl sends as protobuf: what `kubectl create KIND`, `auth`, `autoscale` and their like
 * fill in. Names are the JSON ones, types come from the schemas. Source: generated.proto of k8s.io/api and
 * k8s.io/apimachinery, whose numbers never change.
 */
const NUMBERS: Readonly<Record<string, string>> = {
  ObjectMeta:
    'name=1 generateName=2 namespace=3 selfLink=4 uid=5 resourceVersion=6 generation=7 creationTimestamp=8 deletionTimestamp=9 deletionGracePeriodSeconds=10 labels=11 annotations=12 ownerReferences=13 finalizers=14',
  OwnerReference: 'kind=1 name=3 uid=4 apiVersion=5 controller=6 blockOwnerDeletion=7',
  LabelSelector: 'matchLabels=1 matchExpressions=2',
  LabelSelectorRequirement: 'key=1 operator=2 values=3',

  Namespace: 'metadata=1 spec=2',
  NamespaceSpec: 'finalizers=1',
  ConfigMap: 'metadata=1 data=2 binaryData=3 immutable=4',
  Secret: 'metadata=1 data=2 type=3 stringData=4 immutable=5',
  ServiceAccount: 'metadata=1 secrets=2 imagePullSecrets=3 automountServiceAccountToken=4',
  LocalObjectReference: 'name=1',
  ObjectReference: 'kind=1 namespace=2 name=3 uid=4 apiVersion=5 resourceVersion=6 fieldPath=7',
  Service: 'metadata=1 spec=2',
  ServiceSpec:
    'ports=1 selector=2 clusterIP=3 type=4 externalIPs=5 sessionAffinity=7 loadBalancerIP=8 loadBalancerSourceRanges=9 externalName=10 externalTrafficPolicy=11 healthCheckNodePort=12 publishNotReadyAddresses=13 ipFamilyPolicy=17 clusterIPs=18 ipFamilies=19 internalTrafficPolicy=22',
  ServicePort: 'name=1 protocol=2 port=3 targetPort=4 nodePort=5 appProtocol=6',
  ResourceQuota: 'metadata=1 spec=2',
  ResourceQuotaSpec: 'hard=1 scopes=2',

  Pod: 'metadata=1 spec=2',
  PodTemplateSpec: 'metadata=1 spec=2',
  PodSpec:
    'containers=2 restartPolicy=3 terminationGracePeriodSeconds=4 activeDeadlineSeconds=5 dnsPolicy=6 nodeSelector=7 serviceAccountName=8 serviceAccount=9 nodeName=10 hostNetwork=11 hostPID=12 hostIPC=13 imagePullSecrets=15 hostname=16 subdomain=17 schedulerName=19 initContainers=20 automountServiceAccountToken=21 priorityClassName=24 priority=25 enableServiceLinks=30 preemptionPolicy=31',
  Container:
    'name=1 image=2 command=3 args=4 workingDir=5 ports=6 env=7 resources=8 terminationMessagePath=13 imagePullPolicy=14 stdin=16 stdinOnce=17 tty=18 terminationMessagePolicy=20',
  ContainerPort: 'name=1 hostPort=2 containerPort=3 protocol=4 hostIP=5',
  EnvVar: 'name=1 value=2',
  ResourceRequirements: 'limits=1 requests=2',

  Deployment: 'metadata=1 spec=2',
  DeploymentSpec:
    'replicas=1 selector=2 template=3 strategy=4 minReadySeconds=5 revisionHistoryLimit=6 paused=7 progressDeadlineSeconds=9',
  DeploymentStrategy: 'type=1 rollingUpdate=2',
  RollingUpdateDeployment: 'maxUnavailable=1 maxSurge=2',
  Job: 'metadata=1 spec=2',
  JobSpec:
    'parallelism=1 completions=2 activeDeadlineSeconds=3 selector=4 manualSelector=5 template=6 backoffLimit=7 ttlSecondsAfterFinished=8 completionMode=9 suspend=10',
  CronJob: 'metadata=1 spec=2',
  CronJobSpec:
    'schedule=1 startingDeadlineSeconds=2 concurrencyPolicy=3 suspend=4 jobTemplate=5 successfulJobsHistoryLimit=6 failedJobsHistoryLimit=7 timeZone=8',
  JobTemplateSpec: 'metadata=1 spec=2',

  Role: 'metadata=1 rules=2',
  ClusterRole: 'metadata=1 rules=2 aggregationRule=3',
  RoleBinding: 'metadata=1 subjects=2 roleRef=3',
  ClusterRoleBinding: 'metadata=1 subjects=2 roleRef=3',
  PolicyRule: 'verbs=1 apiGroups=2 resources=3 resourceNames=4 nonResourceURLs=5',
  AggregationRule: 'clusterRoleSelectors=1',
  Subject: 'kind=1 apiGroup=2 name=3 namespace=4',
  RoleRef: 'apiGroup=1 kind=2 name=3',

  PodDisruptionBudget: 'metadata=1 spec=2',
  PodDisruptionBudgetSpec: 'minAvailable=1 selector=2 maxUnavailable=3 unhealthyPodEvictionPolicy=4',
  PriorityClass: 'metadata=1 value=2 globalDefault=3 description=4 preemptionPolicy=5',
  HorizontalPodAutoscaler: 'metadata=1 spec=2',
  HorizontalPodAutoscalerSpec: 'scaleTargetRef=1 minReplicas=2 maxReplicas=3 metrics=4',
  CrossVersionObjectReference: 'kind=1 name=2 apiVersion=3',
  MetricSpec: 'type=1 resource=4',
  ResourceMetricSource: 'name=1 target=2',
  MetricTarget: 'type=1 value=2 averageValue=3 averageUtilization=4',

  Ingress: 'metadata=1 spec=2',
  IngressSpec: 'defaultBackend=1 tls=2 rules=3 ingressClassName=4',
  IngressTLS: 'hosts=1 secretName=2',
  IngressBackend: 'resource=3 service=4',
  IngressServiceBackend: 'name=1 port=2',
  ServiceBackendPort: 'name=1 number=2',
  HTTPIngressRuleValue: 'paths=1',
  HTTPIngressPath: 'path=1 backend=2 pathType=3',

  SelfSubjectAccessReview: 'metadata=1 spec=2',
  SelfSubjectAccessReviewSpec: 'resourceAttributes=1 nonResourceAttributes=2',
  ResourceAttributes: 'namespace=1 verb=2 group=3 version=4 resource=5 subresource=6 name=7',
  NonResourceAttributes: 'path=1 verb=2',
  SelfSubjectRulesReview: 'metadata=1 spec=2',
  SelfSubjectRulesReviewSpec: 'namespace=1',
  SelfSubjectReview: 'metadata=1 status=2',
  Eviction: 'metadata=1 deleteOptions=2',
  DeleteOptions: 'gracePeriodSeconds=1 preconditions=2 orphanDependents=3 propagationPolicy=4 dryRun=5',
  Preconditions: 'uid=1 resourceVersion=2',
};

/** Fields that are there when they are sent, zero or not: Go has pointers for them. Other zeros say nothing. */
const POINTERS: ReadonlySet<string> = new Set(
  (
    'replicas revisionHistoryLimit progressDeadlineSeconds terminationGracePeriodSeconds minReplicas parallelism ' +
    'completions backoffLimit averageUtilization automountServiceAccountToken immutable suspend value controller ' +
    'blockOwnerDeletion successfulJobsHistoryLimit failedJobsHistoryLimit ttlSecondsAfterFinished enableServiceLinks ' +
    'gracePeriodSeconds orphanDependents pathType'
  ).split(' '),
);

const parsed = new Map<string, ReadonlyMap<number, string>>();

/** Number -> JSON name of a message's fields; undefined for a message nobody sends. */
export function fieldNames(message: string): ReadonlyMap<number, string> | undefined {
  const known = parsed.get(message);
  if (known !== undefined) return known;
  const text = Object.hasOwn(NUMBERS, message) ? NUMBERS[message] : undefined;
  if (text === undefined) return undefined;
  const fields = new Map(
    text.split(' ').map((field) => {
      const [name = '', number = '0'] = field.split('=');
      return [Number(number), name] as const;
    }),
  );
  parsed.set(message, fields);
  return fields;
}

export function keepsZero(field: string): boolean {
  return POINTERS.has(field);
}
