// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/** Reads one input of the network from Catalyst's rows, in training and in inference alike. */
@FunctionalInterface
public interface InputReader extends Serializable {
  /**
   * Appends the row's numbers, as {@link InputSpec#element()} says, in the order of the buffer.
   *
   * @param where names the row in messages, by its {@code toString}
   * @throws InputException if the row does not have what the input needs
   */
  void read(SpecializedGetters row, Object where, ByteBuffer target);

  /**
   * A reader of this input.
   *
   * @param schema of the rows
   */
  static InputReader of(InputSpec spec, StructType schema) {
    List<String> names = Arrays.asList(schema.fieldNames());
    int[] ordinals = spec.columns().stream().mapToInt(names::indexOf).toArray();
    DataType type = schema.fields()[ordinals[0]].dataType();
    InputColumn column = new InputColumn(spec.columns().get(0), spec);
    if (type.equals(SQLDataTypes.VectorType())) {
      return new VectorInput(column, ordinals[0]);
    } else if (type instanceof ArrayType array) {
      return new ArrayInput(column, ordinals[0], array);
    } else if (type instanceof BinaryType) {
      return new EncodedImageInput(column, ordinals[0]);
    } else if (ImageInput.reads(type)) {
      return new ImageInput(column, ordinals[0]);
    }
    return new ScalarInput(
        spec, ordinals, Arrays.stream(ordinals).mapToObj(i -> schema.fields()[i]).toList());
  }
}
