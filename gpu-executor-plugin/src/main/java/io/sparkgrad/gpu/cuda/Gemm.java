// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.MatmulGeometry;

/** Something that makes matrix products, in the precision of the calling thread. */
interface Gemm {
  /**
   * A product and what is done to it, whose channels are columns if these are neighbours.
   *
   * @param c not empty, written whole
   */
  void product(MatmulGeometry g, Buffer a, Buffer b, Finish finish, Buffer c);
}
