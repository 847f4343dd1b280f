//! An AWS region.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Partition;
use crate::values::parsed_text::parsed_text;
use krm_package::text::excerpt::Excerpt;
use krm_package::text::suggest::is_within;

/// A name that has the shape of a region of some partition: `us-west-2`, `us-gov-east-1`.
///
/// Regions are added too often for a list; the shapes are those of `partitions.json` of the AWS
/// SDKs (`regionRegex`), and every region of it is named after one of nine directions.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("pattern" = "^[a-z]+(-[a-z]+)+-[0-9]+$"))]
pub struct Region(String);

parsed_text!(pub Region);

const DIRECTIONS: [&str; 9] = [
    "north",
    "northeast",
    "east",
    "southeast",
    "south",
    "southwest",
    "west",
    "northwest",
    "central",
];

/// A text that has the shape of no region.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegionError {
    /// It is like none.
    #[error("invalid region {0}: expected a region such as us-west-2")]
    Shape(Excerpt),
    /// All but the direction is as in a region.
    #[error("invalid region {found} (did you mean {meant}?)")]
    Misspelt {
        /// The text.
        found: Excerpt,
        /// The region with the nearest direction.
        meant: String,
    },
}

impl Region {
    /// The partition that the region is in.
    #[must_use]
    pub(crate) fn partition(&self) -> Partition {
        partition_of(&self.0).unwrap_or(Partition::Aws)
    }
}

impl FromStr for Region {
    type Err = RegionError;

    /// Reads a region.
    ///
    /// # Errors
    /// A text that has the shape of no partition's regions.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match partition_of(text) {
            Some(_) => Ok(Self(text.to_owned())),
            None => Err(match corrected(text) {
                Some(meant) => RegionError::Misspelt { found: Excerpt::new(text), meant },
                None => RegionError::Shape(Excerpt::new(text)),
            }),
        }
    }
}

/// An ARN with the region that its misspelt one most likely stands for.
pub(crate) fn with_right_region(arn: &str) -> Option<String> {
    let mut parts: Vec<&str> = arn.splitn(6, ':').collect();
    let region = parts.get_mut(3).filter(|region| partition_of(region).is_none())?;
    let meant = corrected(region)?;
    *region = &meant;
    Some(parts.join(":"))
}

/// The region that a text with a misspelt direction most likely stands for.
fn corrected(text: &str) -> Option<String> {
    let (rest, number) = text.rsplit_once('-')?;
    let (prefix, direction) = rest.rsplit_once('-')?;
    let meant = format!("{prefix}-{}-{number}", nearest_direction(direction)?);
    partition_of(&meant).map(|_| meant)
}

/// Short words: one letter too many, too few or other, or two that are swapped.
fn nearest_direction(direction: &str) -> Option<&'static str> {
    DIRECTIONS.into_iter().find(|known| is_within(direction, known, 1))
}

fn partition_of(region: &str) -> Option<Partition> {
    let (rest, number) = region.rsplit_once('-')?;
    let (prefix, direction) = rest.rsplit_once('-')?;
    let numbered = (1..=3).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    if !(numbered && DIRECTIONS.contains(&direction)) {
        return None;
    }
    Partition::ALL.into_iter().find(|partition| partition.region_prefixes().contains(&prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_partition() {
        for (text, partition) in [
            ("us-west-2", Partition::Aws),
            ("ap-southeast-7", Partition::Aws),
            ("mx-central-1", Partition::Aws),
            ("il-central-1", Partition::Aws),
            ("cn-north-1", Partition::AwsCn),
            ("us-gov-west-1", Partition::AwsUsGov),
            ("us-iso-east-1", Partition::AwsIso),
            ("us-isob-east-1", Partition::AwsIsoB),
            ("eu-isoe-west-1", Partition::AwsIsoE),
            ("us-isof-south-1", Partition::AwsIsoF),
            ("eusc-de-east-1", Partition::AwsEusc),
        ] {
            assert_eq!(text.parse::<Region>().unwrap().partition(), partition, "{text}");
        }
    }

    #[test]
    fn an_arn_gets_the_right_region() {
        let right = "arn:aws:acm:us-west-2:123456789012:certificate/a:b";
        assert_eq!(with_right_region(&right.replace("west", "wset")), Some(right.to_owned()));
        assert_eq!(with_right_region(right), None);
        assert_eq!(with_right_region(&right.replace("us-west-2", "moon")), None);
        assert_eq!(with_right_region("arn:aws"), None);
    }

    #[test]
    fn a_misspelt_direction_is_corrected() {
        for (text, meant) in [
            ("us-wset-2", "us-west-2"),
            ("eu-cental-1", "eu-central-1"),
            ("ap-southeest-1", "ap-southeast-1"),
            ("us-gov-eastt-1", "us-gov-east-1"),
        ] {
            let message = text.parse::<Region>().unwrap_err().to_string();
            assert_eq!(message, format!("invalid region {text:?} (did you mean {meant}?)"));
        }
    }

    #[test]
    fn refuses_other_shapes() {
        for text in [
            "",
            "us",
            "us-west",
            "us-west2",
            "us-west-2a",
            "US-WEST-2",
            "us--2",
            "us-fake-2",
            "-west-2",
            "xx-west-2",
            "us-west-",
            "us-west-2222",
            " us-west-2",
            "us-west-2 ",
            "global",
        ] {
            let message = text.parse::<Region>().unwrap_err().to_string();
            assert_eq!(
                message,
                format!("invalid region {text:?}: expected a region such as us-west-2")
            );
        }
    }
}
