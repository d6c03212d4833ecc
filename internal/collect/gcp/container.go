package gcp

import (
	"google.golang.org/api/binaryauthorization/v1"
	"google.golang.org/api/container/v1"
)

func init() {
	register(Collector{Name: "container", Types: []Type{
		// https://cloud.google.com/kubernetes-engine/docs/reference/rest/v1
		{Name: "container.googleapis.com/Cluster", Class: "cluster", Item: container.Cluster{}, Secret: []string{"masterAuth.password", "masterAuth.clientKey"}},
		{Name: "container.googleapis.com/NodePool", Class: "node group", Item: container.NodePool{}},
		{Name: "gkehub.googleapis.com/Membership", Class: "cluster membership", Item: membership{}, Policy: true},
		{Name: "gkebackup.googleapis.com/BackupPlan", Class: "backup plan", Item: gkeBackupPlan{}, Policy: true},
		// https://cloud.google.com/binary-authorization/docs/reference/rest
		{Name: "binaryauthorization.googleapis.com/Policy", Class: "admission policy", Item: binaryauthorization.Policy{}, Policy: true},
		// Objects of Kubernetes come with the cluster that they run on.
		{Name: "k8s.io/Pod", Class: "pod", Item: pod{}, Secret: []string{"spec.containers[].env[].value"}},
		{Name: "k8s.io/Node", Class: "node", Item: kubernetesObject{}},
		{Name: "rbac.authorization.k8s.io/ClusterRoleBinding", Class: "role assignment", Item: clusterRoleBinding{}},
	}})
}

// membership has the members of https://cloud.google.com/kubernetes-engine/fleet-management/docs/reference/rest/v1/projects.locations.memberships
type membership struct {
	Authority struct {
		IdentityProvider                 string `json:"identityProvider"`
		Issuer                           string `json:"issuer"`
		OidcJwks                         string `json:"oidcJwks"`
		ScopeTenancyIdentityProvider     string `json:"scopeTenancyIdentityProvider"`
		ScopeTenancyWorkloadIdentityPool string `json:"scopeTenancyWorkloadIdentityPool"`
		WorkloadIdentityPool             string `json:"workloadIdentityPool"`
	} `json:"authority"`
	ClusterTier string `json:"clusterTier"`
	CreateTime  string `json:"createTime"`
	DeleteTime  string `json:"deleteTime"`
	Description string `json:"description"`
	Endpoint    struct {
		ApplianceCluster   any  `json:"applianceCluster"`
		EdgeCluster        any  `json:"edgeCluster"`
		GkeCluster         any  `json:"gkeCluster"`
		GoogleManaged      bool `json:"googleManaged"`
		KubernetesMetadata any  `json:"kubernetesMetadata"`
		KubernetesResource any  `json:"kubernetesResource"`
		MultiCloudCluster  any  `json:"multiCloudCluster"`
		OnPremCluster      any  `json:"onPremCluster"`
	} `json:"endpoint"`
	ExternalId         string            `json:"externalId"`
	Labels             map[string]string `json:"labels"`
	LastConnectionTime string            `json:"lastConnectionTime"`
	MembershipType     string            `json:"membershipType"`
	MonitoringConfig   struct {
		Cluster                 string `json:"cluster"`
		ClusterHash             string `json:"clusterHash"`
		KubernetesMetricsPrefix string `json:"kubernetesMetricsPrefix"`
		Location                string `json:"location"`
		ProjectId               string `json:"projectId"`
	} `json:"monitoringConfig"`
	Name  string `json:"name"`
	State struct {
		Code string `json:"code"`
	} `json:"state"`
	UniqueId   string `json:"uniqueId"`
	UpdateTime string `json:"updateTime"`
}

// gkeBackupPlan has the members of https://cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/reference/rest/v1/projects.locations.backupPlans
type gkeBackupPlan struct {
	BackupChannel string `json:"backupChannel"`
	BackupConfig  struct {
		AllNamespaces           bool `json:"allNamespaces"`
		EncryptionKey           any  `json:"encryptionKey"`
		IncludeSecrets          bool `json:"includeSecrets"`
		IncludeVolumeData       bool `json:"includeVolumeData"`
		PermissiveMode          bool `json:"permissiveMode"`
		SelectedApplications    any  `json:"selectedApplications"`
		SelectedNamespaceLabels any  `json:"selectedNamespaceLabels"`
		SelectedNamespaces      any  `json:"selectedNamespaces"`
	} `json:"backupConfig"`
	BackupSchedule struct {
		CronSchedule            string `json:"cronSchedule"`
		NextScheduledBackupTime string `json:"nextScheduledBackupTime"`
		Paused                  bool   `json:"paused"`
		RpoConfig               any    `json:"rpoConfig"`
	} `json:"backupSchedule"`
	Cluster                  string            `json:"cluster"`
	CreateTime               string            `json:"createTime"`
	Deactivated              bool              `json:"deactivated"`
	Description              string            `json:"description"`
	Etag                     string            `json:"etag"`
	Labels                   map[string]string `json:"labels"`
	LastSuccessfulBackupTime string            `json:"lastSuccessfulBackupTime"`
	Name                     string            `json:"name"`
	ProtectedNamespaceCount  int64             `json:"protectedNamespaceCount"`
	ProtectedPodCount        int64             `json:"protectedPodCount"`
	RetentionPolicy          struct {
		BackupDeleteLockDays int64 `json:"backupDeleteLockDays"`
		BackupRetainDays     int64 `json:"backupRetainDays"`
		Locked               bool  `json:"locked"`
	} `json:"retentionPolicy"`
	RpoRiskLevel  int64  `json:"rpoRiskLevel"`
	RpoRiskReason string `json:"rpoRiskReason"`
	State         string `json:"state"`
	StateReason   string `json:"stateReason"`
	Uid           string `json:"uid"`
	UpdateTime    string `json:"updateTime"`
}

// kubernetesObject is what all objects of Kubernetes have in common.
// https://kubernetes.io/docs/reference/using-api/
type kubernetesObject struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   struct {
		Name              string            `json:"name"`
		Namespace         string            `json:"namespace"`
		Labels            map[string]string `json:"labels"`
		Annotations       map[string]string `json:"annotations"`
		CreationTimestamp string            `json:"creationTimestamp"`
	} `json:"metadata"`
	Spec any `json:"spec"`
}

// pod has the members of a pod that decide what it may do.
// https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
type pod struct {
	kubernetesObject
	Spec struct {
		NodeName           string `json:"nodeName"`
		ServiceAccountName string `json:"serviceAccountName"`
		HostNetwork        bool   `json:"hostNetwork"`
		HostPID            bool   `json:"hostPID"`
		HostIPC            bool   `json:"hostIPC"`
		Containers         []struct {
			Name  string `json:"name"`
			Image string `json:"image"`
			Env   []struct {
				Name  string `json:"name"`
				Value string `json:"value"`
			} `json:"env"`
			SecurityContext struct {
				Privileged               bool  `json:"privileged"`
				AllowPrivilegeEscalation bool  `json:"allowPrivilegeEscalation"`
				RunAsNonRoot             bool  `json:"runAsNonRoot"`
				RunAsUser                int64 `json:"runAsUser"`
			} `json:"securityContext"`
		} `json:"containers"`
	} `json:"spec"`
}

// clusterRoleBinding gives the members of a role of a whole cluster.
// https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/cluster-role-binding-v1/
type clusterRoleBinding struct {
	kubernetesObject
	RoleRef struct {
		APIGroup string `json:"apiGroup"`
		Kind     string `json:"kind"`
		Name     string `json:"name"`
	} `json:"roleRef"`
	Subjects []struct {
		APIGroup  string `json:"apiGroup"`
		Kind      string `json:"kind"`
		Name      string `json:"name"`
		Namespace string `json:"namespace"`
	} `json:"subjects"`
}
