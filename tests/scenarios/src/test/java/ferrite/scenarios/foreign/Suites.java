package ferrite.scenarios.foreign;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Finds the tests for RV32IMAC in checkouts of the suites. */
final class Suites {

    private static final List<String> UNPRIVILEGED = List.of("rv32ui", "rv32uc", "rv32um", "rv32ua");
    private static final List<String> PRIVILEGED = List.of("rv32si", "rv32mi");
    private static final int MANY_HARTS = 4;

    private Suites() { }

    /**
     * Lists riscv-tests: each test on physical memory with one hart (p) and with several (pm), and those of U-mode in
     * virtual memory (v).
     */
    static List<ForeignTest> riscvTests(Path checkout) throws IOException {
        require(checkout.resolve("isa/rv32ui"), "a checkout of riscv-tests");
        require(checkout.resolve("env/p/riscv_test.h"), "riscv-test-env, its submodule");
        List<ForeignTest> tests = new ArrayList<>();
        for (String environment : List.of("p", "pm", "v")) {
            List<String> groups = new ArrayList<>(UNPRIVILEGED);
            if (!environment.equals("v")) {
                groups.addAll(PRIVILEGED);
            }
            for (String group : groups) {
                for (Path source : sources(checkout.resolve("isa").resolve(group))) {
                    tests.add(riscvTest(checkout, environment, group, source));
                }
            }
        }
        return tests;
    }

    private static ForeignTest riscvTest(Path checkout, String environment, String group, Path source)
            throws IOException {
        Path env = checkout.resolve("env").resolve(environment);
        // the kernel of v has floating-point instructions, which it reaches only on a hart that has them
        String isa = environment.equals("v") ? "rv32gc" : "rv32imac_zicsr_zifencei";
        List<String> compiler = new ArrayList<>(List.of("-march=" + isa, "-mabi=ilp32",
                "-static", "-mcmodel=medany", "-fvisibility=hidden", "-nostdlib", "-nostartfiles",
                "-I" + env, "-I" + checkout.resolve("isa/macros/scalar"), "-T" + env.resolve("link.ld")));
        if (environment.equals("v")) {
            compiler.addAll(List.of("--specs=picolibc.specs", "-DENTROPY=0x1234567", "-std=gnu99", "-O2",
                    env.resolve("entry.S").toString()));
            for (Path c : files(env, ".c")) {
                compiler.add(c.toString());
            }
        }
        compiler.add(source.toString());
        return new ForeignTest("riscv-tests " + environment, group + "-" + name(source), compiler,
                environment.equals("pm") ? MANY_HARTS : 1, null);
    }

    /** Lists riscv-arch-test of the old framework, which has the reference results beside the tests. */
    static List<ForeignTest> architectureTests(Path checkout, Path model) throws IOException {
        Path suite = checkout.resolve("riscv-test-suite");
        require(suite.resolve("rv32i_m/I/references"),
                "a checkout of the branch old-framework-2.x of riscv-arch-test");
        List<ForeignTest> tests = new ArrayList<>();
        for (String extension : List.of("I", "M", "C", "Zifencei", "privilege")) {
            Path group = suite.resolve("rv32i_m").resolve(extension);
            for (Path source : sources(group.resolve("src"))) {
                String letter = List.of("M", "C").contains(extension) ? extension.toLowerCase(Locale.ROOT) : "";
                List<String> compiler = List.of("-march=rv32i" + letter + "_zicsr_zifencei", "-mabi=ilp32", "-static",
                        "-mcmodel=medany", "-nostdlib", "-nostartfiles", "-w", "-DXLEN=32", "-DTEST_CASE_1=True",
                        extension.equals("privilege") ? "-Drvtest_mtrap_routine=True" : "-DUNUSED",
                        "-I" + model, "-I" + suite.resolve("env"), "-Wl,-Ttext=0x80000000", "-Wl,--no-relax",
                        source.toString());
                Path reference = group.resolve("references").resolve(name(source) + ".reference_output");
                tests.add(new ForeignTest("rv32i_m/" + extension, name(source), compiler, 1, reference));
            }
        }
        return tests;
    }

    private static void require(Path place, String what) throws IOException {
        if (!Files.exists(place)) {
            throw new IOException("there is no " + place + "; " + what + " has it");
        }
    }

    private static List<Path> sources(Path directory) throws IOException {
        return files(directory, ".S");
    }

    private static List<Path> files(Path directory, String suffix) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
        }
    }

    private static String name(Path source) {
        return source.getFileName().toString().replaceFirst("\\.S$", "");
    }
}
