// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Assembles every shipped kernel for every architecture it is meant for, with CUDA 12.0. */
class PtxAssemblyTest {
  private static final Path SOURCES = Path.of("src/main/cuda");
  private static final Path KERNELS = Path.of("src/main/resources/io/sparkgrad/gpu/cuda/kernels");
  private static final List<Integer> ARCHITECTURES = List.of(75, 80, 86, 89, 90);
  private static final Pattern FILE = Pattern.compile("\\w+\\.sm(75|80)\\.ptx");
  private static final Pattern ENTRY = Pattern.compile("\\.entry\\s+(\\w+)");
  private static final Pattern COMPILED = Pattern.compile("Compiling entry function '(\\w+)'");
  private static final Pattern SPILLS =
      Pattern.compile("(\\d+) bytes spill stores, (\\d+) bytes spill loads");

  @BeforeAll
  static void load() throws IOException {
    PtxCompiler.load();
  }

  private static List<Path> files(Path folder, String ending) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.toString().endsWith(ending)).sorted().toList();
    }
  }

  static Stream<Arguments> filesAndArchitectures() throws IOException {
    return files(KERNELS, ".ptx").stream()
        .flatMap(
            file -> {
              Matcher matcher = FILE.matcher(file.getFileName().toString());
              assertTrue(matcher.matches(), file + ": expected FAMILY.sm75.ptx or FAMILY.sm80.ptx");
              int least = Integer.parseInt(matcher.group(1));
              return ARCHITECTURES.stream()
                  .filter(architecture -> architecture >= least)
                  .map(architecture -> Arguments.of(file.getFileName().toString(), architecture));
            });
  }

  private static Set<String> all(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(r -> r.group(1)).collect(Collectors.toSet());
  }

  @ParameterizedTest(name = "{0} for sm_{1}")
  @MethodSource("filesAndArchitectures")
  void assemblesWithoutSpills(String file, int architecture) throws IOException {
    String ptx = Files.readString(KERNELS.resolve(file));
    String log = PtxCompiler.assemble(ptx, architecture);
    assertEquals(all(ENTRY, ptx), all(COMPILED, log));
    assertFalse(all(ENTRY, ptx).isEmpty(), file + " has no kernel");
    assertEquals("", spilling(log), "kernels that spill registers");
  }

  /** The names of the kernels whose registers do not suffice. */
  private static String spilling(String log) {
    StringBuilder names = new StringBuilder();
    for (String kernel : log.split("(?=Compiling entry function)", -1)) {
      Matcher spills = SPILLS.matcher(kernel);
      while (spills.find()) {
        if (!spills.group(1).equals("0") || !spills.group(2).equals("0")) {
          names.append(all(COMPILED, kernel)).append(' ').append(spills.group());
        }
      }
    }
    return names.toString();
  }

  /** Drivers from r525 on take the PTX of CUDA 12.0; 7.0 leaves room below. */
  @Test
  void noVersionIsAboveSeven() throws IOException {
    for (Path file : files(KERNELS, ".ptx")) {
      Set<String> versions = all(Pattern.compile("\\.version (\\S+)"), Files.readString(file));
      assertEquals(Set.of("7.0"), versions, file.toString());
    }
  }

  @Test
  void everySourceHasItsPtxAndEveryPtxItsSource() throws IOException {
    Set<String> expected = new TreeSet<>();
    for (Path source : files(SOURCES, ".cu")) {
      String name = source.getFileName().toString().replaceAll("\\.cu$", "");
      expected.add(name.endsWith(".sm80") ? name + ".ptx" : name + ".sm75.ptx");
    }
    Set<String> found = new TreeSet<>();
    files(KERNELS, ".ptx").forEach(f -> found.add(f.getFileName().toString()));
    assertEquals(expected, found);
  }

  @Test
  void theAssemblerRefusesWhatIsNewerThanItsLabel() {
    String ptx =
        """
        .version 7.0
        .target sm_75
        .address_size 64
        .visible .entry k() { cp.async.wait_all; ret; }
        """;
    assertThrows(IllegalStateException.class, () -> PtxCompiler.assemble(ptx, 80));
  }

  @Test
  void spillsAreSeen() {
    String log =
        """
        ptxas info    : Compiling entry function 'fine' for 'sm_75'
            0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
        ptxas info    : Compiling entry function 'full' for 'sm_75'
            40 bytes stack frame, 40 bytes spill stores, 32 bytes spill loads
        """;
    assertEquals("[full] 40 bytes spill stores, 32 bytes spill loads", spilling(log));
  }
}
