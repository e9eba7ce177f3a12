// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.spark.data.RecordStores;
import io.sparkgrad.spark.data.Rejection;
import io.sparkgrad.spark.data.Rows;
import io.sparkgrad.spark.data.RowsFingerprint;
import java.util.Optional;

/**
 * A worker's part of the data.
 *
 * @param validation rows that are not trained on; may be empty on one worker or on all
 * @param rejection the first of the rows that cannot be used; empty if all can
 * @param fingerprint of all rows
 * @param stores for what is to be kept of the rows besides
 */
record Share(
    Rows training,
    Rows validation,
    Optional<Rejection> rejection,
    RowsFingerprint fingerprint,
    RecordStores stores) {}
