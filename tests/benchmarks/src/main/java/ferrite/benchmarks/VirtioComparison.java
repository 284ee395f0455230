package ferrite.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The program {@code speed-virtio} of firmware-images, which reads a whole virtio disk, in Ferrite and in QEMU, as
 * whole processes in turn. A second, small disk gives the time of the start, which is then subtracted.
 */
final class VirtioComparison {

    private static final Path IMAGE = Path.of("firmware-images/programs/images/speed-virtio-virt.elf");
    private static final int MEBIBYTES = 512;
    private static final int SMALL_MEBIBYTES = 1;

    private VirtioComparison() { }

    /** The processes of one machine, with the large disk and with the small one. */
    private record Runs(String name, List<QemuComparison.Run> large, List<QemuComparison.Run> small) {

        Runs(String name) {
            this(name, new ArrayList<>(), new ArrayList<>());
        }

        String row() {
            double seconds = median(large, true) - median(small, true);
            double cpuSeconds = median(large, false) - median(small, false);
            double mebibytes = MEBIBYTES - SMALL_MEBIBYTES;
            return String.format(Locale.ROOT, "| %s | %.2f s | %.2f s | %.2f s | %.2f s | %.0f | %.0f |%n", name,
                    median(small, true), median(small, false), median(large, true), median(large, false),
                    mebibytes / seconds, mebibytes / cpuSeconds);
        }

        private static double median(List<QemuComparison.Run> runs, boolean wall) {
            return QemuComparison.median(runs.stream()
                    .mapToDouble(run -> wall ? run.seconds() : run.cpuSeconds()).toArray());
        }
    }

    /** Prints the table as Markdown on standard output, and the progress on standard error. */
    static void run(Path directory, int rounds) throws IOException, InterruptedException {
        Path large = Throughput.randomFile(directory.resolve("large.img"), MEBIBYTES);
        Path small = Throughput.randomFile(directory.resolve("small.img"), SMALL_MEBIBYTES);
        Runs qemu = new Runs("QEMU");
        Runs ferrite = new Runs("ferrite");
        for (int round = 1; round <= rounds; round++) {
            System.err.println("virtio, round " + round + " of " + rounds);
            qemu.small.add(QemuComparison.process(qemu(small)));
            qemu.large.add(QemuComparison.process(qemu(large)));
            ferrite.small.add(QemuComparison.agreeing(IMAGE.toString(), QemuComparison.process(ferrite(small)),
                    qemu.small.get(0)));
            ferrite.large.add(QemuComparison.agreeing(IMAGE.toString(), QemuComparison.process(ferrite(large)),
                    qemu.large.get(0)));
        }
        System.out.print("\n| speed-virtio | " + SMALL_MEBIBYTES + " MiB, wall | processor | " + MEBIBYTES
                + " MiB, wall | processor | MiB/s after the start | MiB per processor second |\n"
                + "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n" + qemu.row() + ferrite.row());
    }

    private static List<String> qemu(Path disk) {
        return List.of(QemuComparison.QEMU, "-M", "virt", "-smp", "1", "-m", "128M", "-nographic", "-bios", "none",
                "-global", "virtio-mmio.force-legacy=false", "-drive", "if=none,format=raw,id=d0,file=" + disk,
                "-device", "virtio-blk-device,drive=d0", "-kernel", IMAGE.toString());
    }

    private static List<String> ferrite(Path disk) {
        return List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-jar",
                StartBenchmark.COMMAND.toString(), "boot", IMAGE.toString(), "--harts", "1", "--ram", "128M", "--disk",
                disk.toString());
    }
}
