// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.param;

import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Base64;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/** Bytes; in JSON, as saved stages have it, a string in Base64. */
public final class BytesParam extends Param<byte[]> {
  private static final long serialVersionUID = 1L;

  public BytesParam(Params owner, String name, String doc) {
    super(owner, name, doc);
  }

  @Override
  public String jsonEncode(byte[] value) {
    return TextNode.valueOf(Base64.getEncoder().encodeToString(value)).toString();
  }

  @Override
  public byte[] jsonDecode(String json) {
    return Base64.getDecoder().decode(json.substring(1, json.length() - 1));
  }
}
