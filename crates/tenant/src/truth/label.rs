//! What people write on a device: tags and how much it is worth.

use super::Truth;

impl Truth {
    /// Puts a tag on a device. Tells whether it is new there; `None` if there is no such device.
    pub(crate) fn add_tag(&mut self, key: &str, tag: &str) -> Option<bool> {
        let index = self.device_index(key)?;
        let tags = &mut self.devices.get_mut(index)?.tags;
        let new = !tags.iter().any(|known| known == tag);
        if new {
            tags.push(tag.to_owned());
        }
        Some(new)
    }

    /// Takes a tag off a device. Tells whether it was there; `None` if there is no such device.
    pub(crate) fn remove_tag(&mut self, key: &str, tag: &str) -> Option<bool> {
        let index = self.device_index(key)?;
        let tags = &mut self.devices.get_mut(index)?.tags;
        let before = tags.len();
        tags.retain(|known| known != tag);
        Some(tags.len() < before)
    }

    /// Gives a device these tags and no others. Tells whether that is a change; `None` if there is no such device.
    pub(crate) fn set_tags(&mut self, key: &str, wanted: &[&str]) -> Option<bool> {
        let index = self.device_index(key)?;
        let tags = &mut self.devices.get_mut(index)?.tags;
        let new = tags.as_slice() != wanted;
        *tags = wanted.iter().map(|tag| (*tag).to_owned()).collect();
        Some(new)
    }

    /// Says how much a device is worth. Tells whether that is a change; `None` if there is no such device.
    pub(crate) fn set_value(&mut self, key: &str, value: &'static str) -> Option<bool> {
        let index = self.device_index(key)?;
        let device = self.devices.get_mut(index)?;
        let new = device.value != value;
        device.value = value;
        Some(new)
    }
}
