// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.scaling;

/**
 * A worker's connection to the others, which all are equally near (the alpha-beta model: a message
 * of b bytes takes {@code latency + b/bandwidth}).
 *
 * @param latency from the call that sends a message until the receiver has it, in seconds
 * @param overhead for which a worker is busy with sending one message and receiving one, in seconds
 * @param bandwidth in bytes per second, in each direction
 * @param adding bytes of floats per second that a worker adds to others
 */
record Link(double latency, double overhead, double bandwidth, double adding) {
  Link {
    if (!(latency >= 0 && overhead >= 0 && bandwidth > 0 && adding > 0)) {
      throw new IllegalArgumentException(
          "link: expected times of at least 0 and rates above 0, got latency %s s, overhead %s s, bandwidth %s B/s and adding %s B/s"
              .formatted(latency, overhead, bandwidth, adding));
    }
  }

  /** What the bytes of a vector cost that a worker sends while it gets others. */
  double transfer(double bytes) {
    return bytes / bandwidth;
  }

  /** What it costs to add bytes that were received. */
  double addition(double bytes) {
    return bytes / adding;
  }
}
