package azure

import (
	"slices"
	"strings"
)

// entity is a type of Microsoft Graph: its properties, and what a request gets
// that selects none.
// https://learn.microsoft.com/graph/api/overview
type entity struct {
	name       string
	properties []string
	navigation []string          // given only with $expand
	defaults   []string          // all when empty
	premium    map[string]string // property -> licence
	beta       []string          // properties that only /beta has
}

// place is a path of Microsoft Graph. {} stands for an id.
type place struct {
	path string
	typ  string
	one  bool // a single object, not a list
	// premium is the licence without which the path is refused.
	premium string
}

// props splits a list that is written in one line.
func props(s string) []string { return strings.Fields(s) }

var graphEntities = map[string]*entity{
	"user": {
		name: "microsoft.graph.user",
		properties: props(`id aboutMe accountEnabled ageGroup assignedLicenses assignedPlans authorizationInfo birthday businessPhones city companyName consentProvidedForMinor
			country createdDateTime creationType customSecurityAttributes deletedDateTime department displayName employeeHireDate employeeId employeeLeaveDateTime
			employeeOrgData employeeType externalUserState externalUserStateChangeDateTime faxNumber givenName hireDate identities imAddresses interests
			isManagementRestricted isResourceAccount jobTitle lastPasswordChangeDateTime legalAgeGroupClassification licenseAssignmentStates mail mailNickname
			mobilePhone mySite officeLocation onPremisesDistinguishedName onPremisesDomainName onPremisesExtensionAttributes onPremisesImmutableId
			onPremisesLastSyncDateTime onPremisesProvisioningErrors onPremisesSamAccountName onPremisesSecurityIdentifier onPremisesSyncEnabled
			onPremisesUserPrincipalName otherMails passwordPolicies passwordProfile pastProjects postalCode preferredDataLocation preferredLanguage preferredName
			provisionedPlans proxyAddresses responsibilities schools securityIdentifier serviceProvisioningErrors showInAddressList
			signInActivity signInSessionsValidFromDateTime skills state streetAddress surname usageLocation userPrincipalName userType`),
		navigation: props(`manager memberOf transitiveMemberOf ownedObjects registeredDevices`),
		defaults:   props(`id businessPhones displayName givenName jobTitle mail mobilePhone officeLocation preferredLanguage surname userPrincipalName`),
		premium:    map[string]string{"signInActivity": "P1"},
	},
	"group": {
		name: "microsoft.graph.group",
		properties: props(`id allowExternalSenders assignedLabels assignedLicenses autoSubscribeNewMembers classification createdDateTime deletedDateTime description displayName
			expirationDateTime groupTypes hasMembersWithLicenseErrors hideFromAddressLists hideFromOutlookClients isArchived isAssignableToRole isManagementRestricted
			isSubscribedByMail licenseProcessingState mail mailEnabled mailNickname membershipRule membershipRuleProcessingState onPremisesDomainName
			onPremisesLastSyncDateTime onPremisesNetBiosName onPremisesProvisioningErrors onPremisesSamAccountName onPremisesSecurityIdentifier onPremisesSyncEnabled
			preferredDataLocation preferredLanguage proxyAddresses renewedDateTime securityEnabled securityIdentifier serviceProvisioningErrors theme uniqueName
			unseenCount visibility creationOptions resourceBehaviorOptions resourceProvisioningOptions`),
		navigation: props(`members owners memberOf transitiveMembers`),
	},
	"application": {
		name: "microsoft.graph.application",
		properties: props(`id addIns api appId applicationTemplateId appRoles authenticationBehaviors certification createdDateTime createdByAppId defaultRedirectUri
			deletedDateTime description disabledByMicrosoftStatus displayName groupMembershipClaims identifierUris info isDeviceOnlyAuthSupported
			isFallbackPublicClient keyCredentials logo nativeAuthenticationApisEnabled notes oauth2RequirePostResponse optionalClaims parentalControlSettings
			passwordCredentials publicClient publisherDomain requestSignatureVerification requiredResourceAccess samlMetadataUrl serviceManagementReference
			servicePrincipalLockConfiguration signInAudience signInAudienceRestrictions spa tags tokenEncryptionKeyId uniqueName verifiedPublisher web`),
		navigation: props(`owners federatedIdentityCredentials appManagementPolicies extensionProperties tokenIssuancePolicies`),
	},
	"servicePrincipal": {
		name: "microsoft.graph.servicePrincipal",
		properties: props(`id accountEnabled addIns alternativeNames appDescription appDisplayName appId applicationTemplateId appOwnerOrganizationId
			appRoleAssignmentRequired appRoles createdByAppId createdDateTime customSecurityAttributes deletedDateTime description disabledByMicrosoftStatus displayName errorUrl homepage
			info isAuthorizationServiceEnabled keyCredentials loginUrl logoutUrl notes notificationEmailAddresses oauth2PermissionScopes passwordCredentials
			preferredSingleSignOnMode preferredTokenSigningKeyThumbprint publisherName replyUrls resourceSpecificApplicationPermissions samlMetadataUrl
			samlSingleSignOnSettings servicePrincipalNames servicePrincipalType signInAudience tags tokenEncryptionKeyId verifiedPublisher`),
		navigation: props(`owners appRoleAssignments appRoleAssignedTo memberOf oauth2PermissionGrants ownedObjects`),
	},
	"device": {
		name: "microsoft.graph.device",
		properties: props(`id accountEnabled alternativeSecurityIds approximateLastSignInDateTime complianceExpirationDateTime deletedDateTime deviceCategory deviceId
			deviceMetadata deviceOwnership deviceVersion displayName enrollmentProfileName enrollmentType extensionAttributes isCompliant isManaged isManagementRestricted isRooted
			managementType manufacturer mdmAppId model onPremisesLastSyncDateTime onPremisesSecurityIdentifier onPremisesSyncEnabled operatingSystem
			operatingSystemVersion physicalIds profileType registrationDateTime systemLabels trustType`),
		navigation: props(`registeredOwners registeredUsers memberOf`),
	},
	"organization": {
		name: "microsoft.graph.organization",
		properties: props(`id assignedPlans businessPhones city country countryLetterCode createdDateTime defaultUsageLocation deletedDateTime displayName isMultipleDataLocationsForServicesEnabled
			marketingNotificationEmails mobileDeviceManagementAuthority onPremisesLastSyncDateTime onPremisesSyncEnabled partnerTenantType postalCode preferredLanguage
			privacyProfile provisionedPlans securityComplianceNotificationMails securityComplianceNotificationPhones state street
			technicalNotificationMails tenantType verifiedDomains directorySizeQuota`),
	},
	"domain": {
		name: "microsoft.graph.domain",
		properties: props(`id authenticationType availabilityStatus isAdminManaged isDefault isInitial isRoot isVerified manufacturer model passwordNotificationWindowInDays
			passwordValidityPeriodInDays state supportedServices`),
		navigation: props(`federationConfiguration rootDomain domainNameReferences`),
	},
	"subscribedSku": {
		name:       "microsoft.graph.subscribedSku",
		properties: props(`id accountId accountName appliesTo capabilityStatus consumedUnits prepaidUnits servicePlans skuId skuPartNumber subscriptionIds`),
	},
	"directoryRole": {
		name:       "microsoft.graph.directoryRole",
		properties: props(`id deletedDateTime description displayName roleTemplateId`), navigation: props(`members scopedMembers`),
	},
	"unifiedRoleDefinition": {
		name: "microsoft.graph.unifiedRoleDefinition",
		properties: props(`id allowedPrincipalTypes description displayName inheritsPermissionsFrom isBuiltIn isEnabled isPrivileged resourceScopes richDescription rolePermissions
			templateId version`),
		navigation: props(`inheritsPermissionsFrom`),
		beta:       props(`isPrivileged richDescription allowedPrincipalTypes`),
	},
	"unifiedRoleAssignment": {
		name:       "microsoft.graph.unifiedRoleAssignment",
		properties: props(`id appScopeId condition directoryScopeId principalId principalOrganizationId resourceScope roleDefinitionId`),
		navigation: props(`principal roleDefinition directoryScope appScope`),
	},
	"unifiedRoleEligibilityScheduleInstance": {
		name:       "microsoft.graph.unifiedRoleEligibilityScheduleInstance",
		properties: props(`id appScopeId directoryScopeId endDateTime memberType principalId roleDefinitionId roleEligibilityScheduleId startDateTime`),
		navigation: props(`principal roleDefinition directoryScope appScope`),
	},
	"unifiedRoleAssignmentScheduleInstance": {
		name: "microsoft.graph.unifiedRoleAssignmentScheduleInstance",
		properties: props(`id appScopeId assignmentType directoryScopeId endDateTime memberType principalId roleAssignmentOriginId roleAssignmentScheduleId
			roleDefinitionId startDateTime`),
		navigation: props(`principal roleDefinition directoryScope appScope activatedUsing`),
	},
	"unifiedRoleManagementPolicyAssignment": {
		name:       "microsoft.graph.unifiedRoleManagementPolicyAssignment",
		properties: props(`id policyId roleDefinitionId scopeId scopeType`), navigation: props(`policy`),
	},
	"unifiedRoleManagementPolicy": {
		name:       "microsoft.graph.unifiedRoleManagementPolicy",
		properties: props(`id description displayName isOrganizationDefault lastModifiedBy lastModifiedDateTime scopeId scopeType`),
		navigation: props(`rules effectiveRules`),
	},
	"oAuth2PermissionGrant": {
		name:       "microsoft.graph.oAuth2PermissionGrant",
		properties: props(`id clientId consentType principalId resourceId scope startTime expiryTime`),
	},
	"appRoleAssignment": {
		name:       "microsoft.graph.appRoleAssignment",
		properties: props(`id appRoleId createdDateTime creationTimestamp deletedDateTime principalDisplayName principalId principalType resourceDisplayName resourceId`),
	},
	"federatedIdentityCredential": {
		name:       "microsoft.graph.federatedIdentityCredential",
		properties: props(`id audiences claimsMatchingExpression description issuer name subject`),
	},
	"conditionalAccessPolicy": {
		name:       "microsoft.graph.conditionalAccessPolicy",
		properties: props(`id conditions createdDateTime deletedDateTime description displayName grantControls modifiedDateTime sessionControls state templateId partialEnablementStrategy`),
	},
	"namedLocation": {
		name: "microsoft.graph.namedLocation",
		properties: props(`id countriesAndRegions countryLookupMethod createdDateTime deletedDateTime displayName includeUnknownCountriesAndRegions ipRanges isTrusted
			modifiedDateTime`),
	},
	"authenticationStrengthPolicy": {
		name:       "microsoft.graph.authenticationStrengthPolicy",
		properties: props(`id allowedCombinations createdDateTime description displayName modifiedDateTime policyType requirementsSatisfied`),
		navigation: props(`combinationConfigurations`),
	},
	"authenticationMethodsPolicy": {
		name: "microsoft.graph.authenticationMethodsPolicy",
		properties: props(`id authenticationMethodConfigurations description displayName lastModifiedDateTime microsoftAuthenticatorPlatformSettings policyMigrationState policyVersion reconfirmationInDays
			registrationEnforcement reportSuspiciousActivitySettings systemCredentialPreferences`),
	},
	"authorizationPolicy": {
		name: "microsoft.graph.authorizationPolicy",
		properties: props(`id allowEmailVerifiedUsersToJoinOrganization allowInvitesFrom allowUserConsentForRiskyApps allowedToSignUpEmailBasedSubscriptions
			allowedToUseSSPR blockMsolPowerShell defaultUserRolePermissions deletedDateTime description displayName enabledPreviewFeatures guestUserRoleId
			permissionGrantPolicyIdsAssignedToDefaultUserRole`),
	},
	"identitySecurityDefaultsEnforcementPolicy": {
		name:       "microsoft.graph.identitySecurityDefaultsEnforcementPolicy",
		properties: props(`id deletedDateTime description displayName isEnabled`),
	},
	"crossTenantAccessPolicy": {
		name:       "microsoft.graph.crossTenantAccessPolicy",
		properties: props(`id allowedCloudEndpoints definition deletedDateTime displayName lastModifiedDateTime`), navigation: props(`default partners templates`),
	},
	"crossTenantAccessPolicyConfiguration": {
		name: "microsoft.graph.crossTenantAccessPolicyConfigurationDefault",
		properties: props(`id appServiceConnectInbound automaticUserConsentSettings b2bCollaborationInbound b2bCollaborationOutbound b2bDirectConnectInbound b2bDirectConnectOutbound inboundTrust
			invitationRedemptionIdentityProviderConfiguration isInMultiTenantOrganization isServiceDefault isServiceProvider m365CollaborationInbound m365CollaborationOutbound tenantId tenantRestrictions`),
		navigation: props(`identitySynchronization`),
	},
	"adminConsentRequestPolicy": {
		name:       "microsoft.graph.adminConsentRequestPolicy",
		properties: props(`id isEnabled notifyReviewers remindersEnabled requestDurationInDays reviewers version`),
	},
	"groupSetting": {name: "microsoft.graph.groupSetting", properties: props(`id displayName templateId values`)},
	"administrativeUnit": {
		name:       "microsoft.graph.administrativeUnit",
		properties: props(`id deletedDateTime description displayName isMemberManagementRestricted membershipRule membershipRuleProcessingState membershipType visibility`),
		navigation: props(`members scopedRoleMembers extensions`),
	},
	"riskyUser": {
		name:       "microsoft.graph.riskyUser",
		properties: props(`id isDeleted isProcessing riskDetail riskLastUpdatedDateTime riskLevel riskState userDisplayName userPrincipalName`), navigation: props(`history`),
	},
	"accessReviewScheduleDefinition": {
		name: "microsoft.graph.accessReviewScheduleDefinition",
		properties: props(`id additionalNotificationRecipients backupReviewers createdBy createdDateTime descriptionForAdmins descriptionForReviewers displayName fallbackReviewers
			instanceEnumerationScope lastModifiedDateTime reviewers scope settings stageSettings status`),
		navigation: props(`instances`),
	},
	"userRegistrationDetails": {
		name: "microsoft.graph.userRegistrationDetails",
		properties: props(`id defaultMfaMethod isAdmin isMfaCapable isMfaRegistered isPasswordlessCapable isSsprCapable isSsprEnabled isSsprRegistered
			isSystemPreferredAuthenticationMethodEnabled lastUpdatedDateTime methodsRegistered systemPreferredAuthenticationMethods userDisplayName
			userPreferredMethodForSecondaryAuthentication userPrincipalName userType`),
	},
	"permissionGrantPolicy": {
		name:       "microsoft.graph.permissionGrantPolicy",
		properties: props(`id deletedDateTime description displayName includeAllPreApprovedApplications resourceScopeType`), navigation: props(`includes excludes`),
	},
	"tenantAppManagementPolicy": {
		name:       "microsoft.graph.tenantAppManagementPolicy",
		properties: props(`id applicationRestrictions deletedDateTime description displayName isEnabled servicePrincipalRestrictions`),
	},
	"deviceRegistrationPolicy": {
		name:       "microsoft.graph.deviceRegistrationPolicy",
		properties: props(`id azureADJoin azureADRegistration description displayName localAdminPassword multiFactorAuthConfiguration userDeviceQuota`),
	},
	"authenticationFlowsPolicy": {
		name:       "microsoft.graph.authenticationFlowsPolicy",
		properties: props(`id description displayName selfServiceSignUp`),
	},
	"authenticationMethod": {
		name: "microsoft.graph.authenticationMethod",
		properties: props(`id aaGuid attestationCertificates attestationLevel createdDateTime device deviceTag displayName emailAddress keyStrength methodUsabilityReason model
			password phoneAppVersion phoneNumber phoneType smsSignInState isUsable isUsableOnce lifetimeInMinutes startDateTime temporaryAccessPass`),
	},
	"directoryAudit": {
		name: "microsoft.graph.directoryAudit",
		properties: props(`id activityDateTime activityDisplayName additionalDetails category correlationId initiatedBy loggedByService operationType result resultReason
			targetResources userAgent`),
	},
	"signIn": {
		name: "microsoft.graph.signIn",
		properties: props(`id appDisplayName appId appliedConditionalAccessPolicies clientAppUsed conditionalAccessStatus correlationId createdDateTime deviceDetail ipAddress
			isInteractive location resourceDisplayName resourceId riskDetail riskEventTypes riskEventTypes_v2 riskLevelAggregated riskLevelDuringSignIn riskState
			status userDisplayName userId userPrincipalName`),
	},
}

// directoryObject is any of the types that a member or owner may have; each
// such object says which by its @odata.type.
const directoryObject = "directoryObject"

var graphPlaces = []place{
	{path: "organization", typ: "organization"},
	{path: "domains", typ: "domain"},
	{path: "subscribedSkus", typ: "subscribedSku"},
	{path: "users", typ: "user"},
	{path: "users/{}/memberOf", typ: directoryObject},
	{path: "users/{}/transitiveMemberOf", typ: directoryObject},
	{path: "users/{}/appRoleAssignments", typ: "appRoleAssignment"},
	{path: "users/{}/authentication/methods", typ: "authenticationMethod"},
	{path: "groups", typ: "group"},
	{path: "groups/{}/members", typ: directoryObject},
	{path: "groups/{}/transitiveMembers", typ: directoryObject},
	{path: "groups/{}/owners", typ: directoryObject},
	{path: "groups/{}/memberOf", typ: directoryObject},
	{path: "groups/{}/appRoleAssignments", typ: "appRoleAssignment"},
	{path: "applications", typ: "application"},
	{path: "applications/{}/owners", typ: directoryObject},
	{path: "applications/{}/federatedIdentityCredentials", typ: "federatedIdentityCredential"},
	{path: "servicePrincipals", typ: "servicePrincipal"},
	{path: "servicePrincipals/{}/owners", typ: directoryObject},
	{path: "servicePrincipals/{}/memberOf", typ: directoryObject},
	{path: "servicePrincipals/{}/transitiveMemberOf", typ: directoryObject},
	{path: "servicePrincipals/{}/appRoleAssignments", typ: "appRoleAssignment"},
	{path: "servicePrincipals/{}/appRoleAssignedTo", typ: "appRoleAssignment"},
	{path: "servicePrincipals/{}/oauth2PermissionGrants", typ: "oAuth2PermissionGrant"},
	{path: "oauth2PermissionGrants", typ: "oAuth2PermissionGrant"},
	{path: "devices", typ: "device"},
	{path: "directoryRoles", typ: "directoryRole"},
	{path: "directoryRoles/{}/members", typ: directoryObject},
	{path: "directory/administrativeUnits", typ: "administrativeUnit"},
	{path: "directory/administrativeUnits/{}/members", typ: directoryObject},
	{path: "roleManagement/directory/roleDefinitions", typ: "unifiedRoleDefinition"},
	{path: "roleManagement/directory/roleAssignments", typ: "unifiedRoleAssignment"},
	{path: "roleManagement/directory/roleEligibilityScheduleInstances", typ: "unifiedRoleEligibilityScheduleInstance", premium: "P2"},
	{path: "roleManagement/directory/roleAssignmentScheduleInstances", typ: "unifiedRoleAssignmentScheduleInstance", premium: "P2"},
	{path: "policies/roleManagementPolicyAssignments", typ: "unifiedRoleManagementPolicyAssignment", premium: "P2"},
	{path: "policies/roleManagementPolicies", typ: "unifiedRoleManagementPolicy", premium: "P2"},
	{path: "identity/conditionalAccess/policies", typ: "conditionalAccessPolicy"},
	{path: "identity/conditionalAccess/namedLocations", typ: "namedLocation"},
	{path: "identity/conditionalAccess/authenticationStrength/policies", typ: "authenticationStrengthPolicy"},
	{path: "policies/authenticationStrengthPolicies", typ: "authenticationStrengthPolicy"},
	{path: "policies/authenticationMethodsPolicy", typ: "authenticationMethodsPolicy", one: true},
	{path: "policies/authorizationPolicy", typ: "authorizationPolicy", one: true},
	{path: "policies/identitySecurityDefaultsEnforcementPolicy", typ: "identitySecurityDefaultsEnforcementPolicy", one: true},
	{path: "policies/crossTenantAccessPolicy", typ: "crossTenantAccessPolicy", one: true},
	{path: "policies/crossTenantAccessPolicy/default", typ: "crossTenantAccessPolicyConfiguration", one: true},
	{path: "policies/crossTenantAccessPolicy/partners", typ: "crossTenantAccessPolicyConfiguration"},
	{path: "policies/adminConsentRequestPolicy", typ: "adminConsentRequestPolicy", one: true},
	{path: "policies/permissionGrantPolicies", typ: "permissionGrantPolicy"},
	{path: "policies/defaultAppManagementPolicy", typ: "tenantAppManagementPolicy", one: true},
	{path: "policies/deviceRegistrationPolicy", typ: "deviceRegistrationPolicy", one: true},
	{path: "policies/authenticationFlowsPolicy", typ: "authenticationFlowsPolicy", one: true},
	{path: "groupSettings", typ: "groupSetting"},
	{path: "reports/authenticationMethods/userRegistrationDetails", typ: "userRegistrationDetails", premium: "P1"},
	{path: "identityProtection/riskyUsers", typ: "riskyUser", premium: "P2"},
	{path: "identityGovernance/accessReviews/definitions", typ: "accessReviewScheduleDefinition", premium: "P2"},
	{path: "auditLogs/directoryAudits", typ: "directoryAudit", premium: "P1"},
	{path: "auditLogs/signIns", typ: "signIn", premium: "P1"},
}

// placeOf finds the place of a path. item is true for one object of a list.
func placeOf(path []string) (p place, item, ok bool) {
	for _, p := range graphPlaces {
		segs := segments(p.path)
		if fits(segs, path) {
			return p, false, true
		}
		if !p.one && len(path) == len(segs)+1 && fits(segs, path[:len(segs)]) {
			if !slices.ContainsFunc(graphPlaces, func(o place) bool { return fits(segments(o.path), path) }) {
				p.path += "/{}"
				return p, true, true
			}
		}
	}
	return place{}, false, false
}
