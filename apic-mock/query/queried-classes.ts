import { concreteClasses } from '#model/aci';

/**
 * Classes of an APIC that clients name in their queries (the modules of the Ansible collection cisco.aci do, dozens in one
 * `rsp-subtree-class`) and that the simulator has no rows for: nobody can make an object of them here, so a query finds
 * none, as on a fabric that does not use the feature. Writing one is an error.
 */
const WITHOUT_OBJECTS: ReadonlySet<string> = new Set(
  `
  aaaAppUser aaaBlockLoginProfile aaaPreLoginBanner aaaPwdStrengthProfile aaaRbacClassPriv bfdMhIfP bfdMhIfPol
  bfdMhNodePol bfdMicroBfdP bfdRsMhIfPol bgpCtxAddlPathPol bgpDomainIdAllocator bgpInfraPeerP bgpRtSummPol
  cloudApp cloudAwsProvider cloudBgpAsP cloudCidr cloudCtxProfile cloudEPSelector cloudEPg cloudExtEPSelector
  cloudExtEPg cloudIntNetworkP cloudProvP cloudRegion cloudRouterP cloudRsCloudEPgCtx cloudRsCtxProfileToRegion
  cloudRsToCtx cloudRsToHostRouterPol cloudRsToVpnGwPol cloudRsZoneAttach cloudSubnet cloudZone configExportP
  configImportP configRsExportScheduler configRsRemotePath configSnapshot configSnapshotCont datetimeNtpProv
  datetimePol datetimeRsNtpProvToEpg dhcpOption dhcpOptionPol dhcpRsDhcpOptionPol dnsDomain dnsProfile dnsProv
  dnsRsProfileToEpg eigrpAuthIfP eigrpExtP eigrpIfP eigrpIfPol eigrpRsIfPol epControlP epIpAgingP epLoopProtectP
  fabricExtRoutablePodSubnet fabricExtSetupP fabricLePortPGrp fabricLeafP fabricLeafS fabricNodeBlk
  fabricNodeControl fabricPodBlk fabricPortConfig fabricRsCallhomeInvPol fabricRsCommPol
  fabricRsDecommissionNode fabricRsDwdmFabIfPol fabricRsFIfPol fabricRsFLinkFlapPol fabricRsL3IfPol
  fabricRsLeNodePGrp fabricRsMacsecFabIfPol fabricRsMacsecPol fabricRsMonIfFabricPol fabricRsMonInstFabricPol
  fabricRsNodeCfgSrv fabricRsNodeCoreP fabricRsNodeCtrl fabricRsNodeTechSupP fabricRsOpticsFabIfPol
  fabricRsPodPGrpCoopP fabricRsPodPGrpIsisDomP fabricRsPsuInstPol fabricRsSnmpPol fabricRsSpNodePGrp
  fabricRsTimePol fabricRsTwampResponderPol fabricRsTwampServerPol fabricRsVpcInstPol fabricSpPortPGrp
  fabricSpineP fabricSpineS fcDomP fcRsVsanNs fileRemotePath fileRsARemoteHostToEpg firmwareFwGrp firmwareFwP
  firmwareOSource firmwareRepoP firmwareRsFwgrpp fvExtRoutableUcastConnP fvKeyChainPol fvKeyPol fvPodConnP
  fvnsVsanEncapBlk fvnsVsanInstP hsrpGroupP hsrpIfP hsrpIfPol hsrpRsGroupPol hsrpRsIfPol hsrpSecVip igmpIfP
  igmpIfPol igmpRsIfPol infraBrkoutPortGrp infraFcAccBndlGrp infraFcAccPortGrp infraFexBndlGrp
  infraRsBfdIpv4InstPol infraRsBfdIpv6InstPol infraRsCoppIfPol infraRsDwdmIfPol infraRsFcAttEntP infraRsFcIfPol
  infraRsFcL2IfPol infraRsFcLagPol infraRsIaclLeafProfile infraRsIaclSpineProfile infraRsL2PortAuthPol
  infraRsL2PortSecurityPol infraRsLeafCoppProfile infraRsLeafPGrpToCdpIfPol infraRsLeafPGrpToLldpIfPol
  infraRsLeafTopoctrlUsbConfigProfilePol infraRsLinkFlapPol infraRsMacsecIfPol infraRsOpticsIfPol
  infraRsPoeIfPol infraRsQosEgressDppIfPol infraRsQosIngressDppIfPol infraRsQosLlfcIfPol infraRsQosPfcIfPol
  infraRsQosSdIfPol infraRsSpAccPortP infraRsSpineAccNodePGrp infraRsSpineBfdIpv4InstPol
  infraRsSpineBfdIpv6InstPol infraRsSpineCoppProfile infraRsSpinePGrpToCdpIfPol infraRsSpinePGrpToLldpIfPol
  infraRsSpineTopoctrlUsbConfigProfilePol infraRsStormctrlIfPol infraRsStpIfPol infraRsSynceEthIfPol
  infraRsSynceEthIfPolBndlGrp infraSHPathS infraSpineAccNodePGrp infraSpineP infraSpineS l2extInstP l2extLIfP
  l2extLNodeP l2extOut l2extRsEBd l2extRsL2DomAtt l2extRsPathL2OutAtt l3extBdProfileCont l3extFabricExtRoutingP
  l3extRsLNodePMplsCustQosPol l3extRsProvLblDef l3extVirtualLIfPLagPolAtt lacpIfPol maintMaintGrp maintMaintP
  maintRsMgrpp maintRsPolScheduler mgmtConnectivityPrefs mgmtInb mgmtOob mgmtRsInBStNode mgmtRsOoBStNode
  mplsExtP mplsRsLabelPol pimASMPatPol pimAutoRPPol pimBDDestFilterPol pimBDFilterPol pimBDP pimBDSrcFilterPol
  pimBSRPPol pimCtxP pimExtP pimIfPol pimResPol pimRsIfPol pimRsV6IfPol pimSGRangeExpPol pimSSMPatPol
  pimSharedRangePol pkiExportEncryptionKey pkiWebTokenData rtctrlMatchAsPathRegexTerm rtctrlMatchCommFactor
  rtctrlMatchCommRegexTerm rtctrlMatchCommTerm rtctrlRsSetPolicyTagToESg rtctrlRsSetPolicyTagToInstP
  rtctrlSetASPath rtctrlSetASPathASN rtctrlSetAddComm rtctrlSetPolicyTag rtdmcRsFilterToRtMapPol snmpClientGrpP
  snmpClientP snmpCommunityP snmpPol snmpRsEpg snmpUserP spanRsSrcToFilterGrp spanRsSrcToL3extOut
  spanRsSrcToNode stormctrlIfPol syslogConsole syslogFile syslogGroup syslogProf syslogRemoteDest
  syslogRsDestGroup syslogSrc trigAbsWindowP trigRecurrWindowP trigSchedP vmmRsVswitchOverrideCdpIfPol
  vmmRsVswitchOverrideLacpPol vmmRsVswitchOverrideLldpIfPol vmmRsVswitchOverrideMtuPol
  vmmRsVswitchOverrideStpPol vnsRsL1L2RedirectHealthGroup vnsRsToCIf
`.match(/\w+/g) ?? [],
);

/**
 * The concrete classes that a name in a query stands for: itself, or the subclasses of an abstract one. A class that is
 * known by name only stands for itself. Empty for a class that no APIC has (apic-protocol.md §2.2, §2.3).
 */
export function queriedClasses(name: string): readonly string[] {
  const concrete = concreteClasses(name);
  return concrete.length === 0 && WITHOUT_OBJECTS.has(name) ? [name] : concrete;
}
