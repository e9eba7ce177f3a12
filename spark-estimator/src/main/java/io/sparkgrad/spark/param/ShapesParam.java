// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.param;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/** Several shapes, such as {@code [[3, 32, 32], [10]]}. */
public final class ShapesParam extends Param<int[][]> {
  private static final long serialVersionUID = 1L;
  private static final ObjectMapper JSON = new ObjectMapper();

  public ShapesParam(Params owner, String name, String doc) {
    super(owner, name, doc);
  }

  @Override
  public String jsonEncode(int[][] value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("integers have a JSON form", e);
    }
  }

  @Override
  public int[][] jsonDecode(String json) {
    try {
      return JSON.readValue(json, int[][].class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "%s: expected lists of integers, got %s".formatted(name(), json), e);
    }
  }
}
