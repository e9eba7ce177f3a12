// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.inference;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructField;

/**
 * What becomes of the numbers that the network puts out for a row: some columns, or none. Tasks
 * share it.
 */
public interface Outputs extends Serializable {
  /** The columns; one whose name is empty is left out here, and not computed. */
  List<StructField> fields();

  /**
   * Sets the columns of one row.
   *
   * @param values the outputs of the rows of a batch one after the other
   * @param from where those of the row begin
   * @param to where they end
   * @param row has a field for each column, in their order
   */
  void write(float[] values, int from, int to, InternalRow row);
}
