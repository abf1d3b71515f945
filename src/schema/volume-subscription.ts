import { followableVolume } from '../block-storage/volume.ts';
import { addSubscription } from './subscription.ts';
import { VolumeStatus, volumeNode } from './volume.ts';

addSubscription('volumeUpdated', volumeNode, followableVolume, VolumeStatus);
