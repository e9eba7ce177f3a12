// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

/** What kind of device a backend computes on. */
public enum DeviceType {
  CPU,
  GPU
}
