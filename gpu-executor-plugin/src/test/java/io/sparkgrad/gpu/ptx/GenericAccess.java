// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

/** An address that tells its space by itself. */
final class GenericAccess extends Access {
  private final int base;
  private final int site;

  GenericAccess(int base, long offset, int site) {
    super(offset);
    this.base = base;
    this.site = site;
  }

  @Override
  void locate(Warp w, int lane, long beyond, int width, Use use) {
    long address = w.l[base][lane] + offset + beyond;
    Variable.Space space = Windows.of(address);
    long at = address - Windows.base(space);
    switch (space) {
      case SHARED -> {
        SharedAccess.check(w, lane, (int) at, width, use);
        w.in[lane] = w.block.shared;
      }
      case LOCAL -> LocalAccess.place(w, lane, at, width);
      case PARAM -> ParameterAccess.place(w, lane, at, width);
      default -> GlobalAccess.place(w, lane, address, site, width, use);
    }
  }
}
