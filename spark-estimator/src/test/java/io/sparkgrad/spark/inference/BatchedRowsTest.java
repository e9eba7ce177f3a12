// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.DeviceType;
import io.sparkgrad.backend.MatmulPrecision;
import io.sparkgrad.backend.OutOfDeviceMemoryException;
import io.sparkgrad.nn.Module;
import io.sparkgrad.spark.LateGpu;
import io.sparkgrad.spark.data.Element;
import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.data.InputReader;
import io.sparkgrad.spark.data.InputSpec;
import io.sparkgrad.spark.device.DeviceSettings.OutOfMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A partition through a GPU that is none, whose memory may fail. */
class BatchedRowsTest {
  private static final int BATCH = 4;
  private static final StructType FIELDS =
      new StructType()
          .add("id", DataTypes.LongType)
          .add("features", DataTypes.createArrayType(DataTypes.FloatType));
  private static final InputSpec INPUT =
      new InputSpec(List.of("features"), List.of(2L), Element.FLOAT32);
  private static final SharedNetwork NETWORK = TestNetworks.shared(TestNetworks::mlp, 5);
  private static final Outputs OUTPUTS = new ArrayOutputs("outputs");

  private int allocations;

  /** The allocations that fail, counted from 1. */
  private Set<Integer> failing = Set.of();

  private int batchSize = BATCH;

  private final LateGpu gpu = device(DeviceType.GPU);
  private final LateGpu cpu = device(DeviceType.CPU);

  private LateGpu device(DeviceType type) {
    return new LateGpu(
        Backends.byName("java"),
        type,
        method -> {
          if (method.equals("allocate") && failing.contains(++allocations)) {
            throw new OutOfDeviceMemoryException("24 bytes wanted, 8 are free");
          }
        });
  }

  /** Rows in memory that is used again for the next one. */
  private static final class Source implements Iterator<InternalRow> {
    private final UnsafeArrayData features = UnsafeArrayData.fromPrimitiveArray(new float[2]);
    private final int rows;
    private final int bad;
    private final List<String> events;
    private int next;

    Source(int rows, int bad, List<String> events) {
      this.rows = rows;
      this.bad = bad;
      this.events = events;
    }

    @Override
    public boolean hasNext() {
      return next < rows;
    }

    @Override
    public InternalRow next() {
      events.add("row " + next);
      features.setFloat(0, next);
      features.setFloat(1, (float) Math.sin(next));
      boolean isBad = next == bad;
      return new GenericInternalRow(
          new Object[] {
            (long) next++, isBad ? UnsafeArrayData.fromPrimitiveArray(new float[1]) : features
          });
    }
  }

  private BatchedRows rows(LateGpu device, int rows, int bad) {
    Module network = NETWORK.module(device.backend());
    device.events().clear();
    return new BatchedRows(
        new Source(rows, bad, device.events()),
        FIELDS,
        new StructType(OUTPUTS.fields().toArray(StructField[]::new)),
        batchSize,
        () ->
            new BatchPrediction(
                new ForwardPass(network, OutOfMemory.SPLIT),
                new BatchPrediction.Device(device.backend(), MatmulPrecision.FP32),
                List.of(new InputBuffer(INPUT, InputReader.of(INPUT, FIELDS))),
                OUTPUTS));
  }

  private static String give(LateGpu device, Iterator<InternalRow> rows) {
    InternalRow row = rows.next();
    device.events().add("give " + row.getLong(0));
    return Arrays.toString(row.getArray(1).toFloatArray())
        + Arrays.toString(row.getArray(2).toFloatArray());
  }

  private List<String> all(LateGpu device, int rows) {
    Iterator<InternalRow> given = rows(device, rows, -1);
    List<String> values = new ArrayList<>();
    while (given.hasNext()) {
      values.add(give(device, given));
    }
    assertFalse(given.hasNext());
    return values;
  }

  private static List<String> events(String events) {
    return Arrays.asList(events.split(", "));
  }

  @Test
  @DisplayName("a GPU has the next batch before the outputs of one are awaited; a CPU has one")
  void order() {
    assertEquals(all(cpu, 10), all(gpu, 10));
    assertEquals(
        events(
            "row 0, row 1, row 2, row 3, ask 0, row 4, row 5, row 6, row 7, ask 1, "
                + "read 0, give 0, give 1, give 2, give 3, row 8, row 9, ask 2, "
                + "read 1, give 4, give 5, give 6, give 7, read 2, give 8, give 9"),
        gpu.events());
    assertEquals(
        events(
            "row 0, row 1, row 2, row 3, ask 0, read 0, give 0, give 1, give 2, give 3, "
                + "row 4, row 5, row 6, row 7, ask 1, read 1, give 4, give 5, give 6, give 7, "
                + "row 8, row 9, ask 2, read 2, give 8, give 9"),
        cpu.events());
  }

  @Test
  @DisplayName("as many rows as come, in their order, to the bits of the CPU")
  void anyNumberOfRows() {
    for (int rows : new int[] {0, 1, BATCH, BATCH + 1, 2 * BATCH, 5 * BATCH + 3}) {
      List<String> expected = all(cpu, rows);
      assertEquals(rows, expected.size());
      assertEquals(expected, all(gpu, rows));
    }
  }

  @Test
  @DisplayName(
      "wherever memory fails, also for the next piece of a half: the same rows, the same bits")
  void outOfMemory() {
    batchSize = 6;
    List<String> expected = all(gpu, 15);
    long before = gpu.liveBytes();
    allocations = 0;
    all(gpu, 15);
    int most = allocations;
    assertTrue(most > 3 * 3, "three batches allocate");
    for (int at = 1; at <= most; at++) {
      failing = Set.of(at);
      allocations = 0;
      assertEquals(expected, all(gpu, 15), "at " + at);
      assertTrue(allocations > most, "at " + at);
    }
    int second = most / 2;
    for (int again = second + 1; again <= allocations; again++) {
      failing = Set.of(second, again);
      allocations = 0;
      assertEquals(expected, all(gpu, 15), () -> "at " + failing);
    }
    assertEquals(before, gpu.liveBytes(), "nothing is left in memory");
  }

  @Test
  @DisplayName("a batch that fails does so behind the rows before it, and is the last one")
  void failure() {
    List<String> expected = all(cpu, BATCH);
    Iterator<InternalRow> given = rows(gpu, 100, 6);
    for (int i = 0; i < BATCH; i++) {
      assertTrue(given.hasNext());
      assertEquals(expected.get(i), give(gpu, given));
    }
    for (int i = 0; i < 2; i++) {
      assertTrue(given.hasNext());
      var e = assertThrows(InputException.class, given::next);
      assertTrue(e.getMessage().contains("row 6 of partition"), e.getMessage());
    }
    assertFalse(gpu.events().contains("row 7"));
  }

  @Test
  @DisplayName("who wants few rows has two batches read, and hears nothing of what is behind them")
  void fewRows() {
    Iterator<InternalRow> given = rows(gpu, 100, 7);
    assertEquals(
        all(cpu, 3).get(2), List.of(give(gpu, given), give(gpu, given), give(gpu, given)).get(2));
    assertTrue(gpu.events().contains("row 7"));
    assertFalse(gpu.events().contains("row 8"));
  }
}
