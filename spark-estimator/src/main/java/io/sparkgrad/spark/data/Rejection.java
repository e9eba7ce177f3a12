// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

/**
 * A row that cannot be used.
 *
 * @param place orders it among the rows of the DataFrame
 * @param sentence why it cannot
 */
public record Rejection(long place, String sentence) {}
