//! The settings of the package's oauth2-proxy.

use super::Cluster;
use super::plain::ConfigMap;
use crate::controllers::oauth2_proxy::{ELSEWHERE, FILE, OpenPaths};

impl Cluster<'_> {
    /// What the package's oauth2-proxy lets through without a login. `None` where the package does not have its
    /// settings, has several, or sets the open paths elsewhere as well.
    #[must_use]
    pub(crate) fn open_paths(&self) -> Option<OpenPaths> {
        let maps = self.objects.config_maps.iter();
        let mut files = maps.filter_map(|kept| {
            let map = kept.object.read::<ConfigMap>().ok()?;
            map.texts().get(FILE).map(|text| (*text).to_owned())
        });
        let file = files.next().filter(|_| files.next().is_none())?;
        let pods = self.objects.workloads.iter().map(|kept| &kept.object.spec.template.spec);
        let mut words = pods.flat_map(|pods| &pods.containers).flat_map(|one| &one.tunnel);
        let is_elsewhere = words.any(|word| ELSEWHERE.iter().any(|setting| word.contains(setting)));
        OpenPaths::read(&file).filter(|_| !is_elsewhere)
    }
}
