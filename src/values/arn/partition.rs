//! The part of AWS that an ARN lies in.

use std::fmt;

/// A partition of AWS: a set of regions with accounts of their own.
///
/// Source of the list: `partitions.json` of the AWS SDKs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Partition {
    /// The commercial regions.
    Aws,
    /// China.
    AwsCn,
    /// GovCloud (US).
    AwsUsGov,
    /// The European Sovereign Cloud.
    AwsEusc,
    /// ISO, US.
    AwsIso,
    /// ISOB, US.
    AwsIsoB,
    /// ISOE, Europe.
    AwsIsoE,
    /// ISOF, US.
    AwsIsoF,
}

impl Partition {
    /// Every partition.
    pub(crate) const ALL: [Self; 8] = [
        Self::Aws,
        Self::AwsCn,
        Self::AwsUsGov,
        Self::AwsEusc,
        Self::AwsIso,
        Self::AwsIsoB,
        Self::AwsIsoE,
        Self::AwsIsoF,
    ];

    pub(super) const LIST: &'static str =
        "aws, aws-cn, aws-us-gov, aws-eusc, aws-iso, aws-iso-b, aws-iso-e, aws-iso-f";

    /// The name, as the second part of an ARN spells it.
    #[must_use]
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::AwsCn => "aws-cn",
            Self::AwsUsGov => "aws-us-gov",
            Self::AwsEusc => "aws-eusc",
            Self::AwsIso => "aws-iso",
            Self::AwsIsoB => "aws-iso-b",
            Self::AwsIsoE => "aws-iso-e",
            Self::AwsIsoF => "aws-iso-f",
        }
    }

    /// The domain of its services.
    #[must_use]
    pub(super) const fn domain(self) -> &'static str {
        match self {
            Self::Aws | Self::AwsUsGov => "amazonaws.com",
            Self::AwsCn => "amazonaws.com.cn",
            Self::AwsEusc => "amazonaws.eu",
            Self::AwsIso => "c2s.ic.gov",
            Self::AwsIsoB => "sc2s.sgov.gov",
            Self::AwsIsoE => "cloud.adc-e.uk",
            Self::AwsIsoF => "csp.hci.ic.gov",
        }
    }

    /// The partition of this name.
    #[must_use]
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|partition| partition.as_str() == name)
    }

    /// What the names of its regions start with, before `-DIRECTION-NUMBER`.
    pub(super) const fn region_prefixes(self) -> &'static [&'static str] {
        match self {
            Self::Aws => &["us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx"],
            Self::AwsCn => &["cn"],
            Self::AwsUsGov => &["us-gov"],
            Self::AwsEusc => &["eusc-de"],
            Self::AwsIso => &["us-iso"],
            Self::AwsIsoB => &["us-isob"],
            Self::AwsIsoE => &["eu-isoe"],
            Self::AwsIsoF => &["us-isof"],
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_names_every_partition_and_no_prefix_belongs_to_two() {
        let names = Partition::ALL.map(Partition::as_str);
        assert_eq!(names.join(", "), Partition::LIST);
        for partition in Partition::ALL {
            assert_eq!(Partition::named(partition.as_str()), Some(partition));
        }
        assert_eq!(Partition::named("AWS"), None);
        let prefixes: Vec<_> =
            Partition::ALL.iter().flat_map(|partition| partition.region_prefixes()).collect();
        for prefix in &prefixes {
            assert_eq!(prefixes.iter().filter(|other| other == &prefix).count(), 1, "{prefix}");
        }
    }
}
