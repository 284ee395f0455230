package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.layout.FerriteLayout;
import ferrite.board.layout.VirtioKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.options.MachineOptions;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.hardware.turn.Turn;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.fs.Fcntl;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The probes of the virtio drivers, begun by hand after boot: a snapshot saves a boot for each. */
@Machine(ram = "32M")
@Timeout(60)
class VirtioProbesTest {

    private static final String BIND = "/sys/bus/platform/drivers/virtio-mmio/bind";
    private static final String DEVICE = "virtio_mmio@f00c0000";
    /** The register and its bits (sections 2.1 and 4.2.2). */
    private static final int STATUS = 0x70;
    private static final int DRIVER = 2;
    private static final int DRIVER_OK = 4;
    /** Instructions between two looks, before the driver has noticed the device and after it. */
    private static final int COARSE_STEP = 400;
    private static final int STEP = 40;
    /** More than a probe has allocations. */
    private static final int MANY = 1000;
    private static final List<String> INSPECTORS = List.of("interrupts", "dma", "vmallocinfo", "iomem");

    @TempDir
    private Path directory;
    private Path disk;

    @BeforeEach
    void makeDisk() throws IOException {
        disk = Files.write(directory.resolve("disk"), new byte[4096]);
    }

    private BoardOptions with(BoardOptions options, String name) {
        options.harts(1).parameter("virtio-mmio.driver", "none");
        switch (name) {
            case "vda" -> options.virtioDisk(new BoardOptions.DiskFile(disk, true));
            case "hwrng" -> options.virtio(VirtioKind.ENTROPY);
            case "hvc0" -> options.virtio(VirtioKind.CONSOLE);
            default -> MachineOptions.set(options, "--net", "peer");
        }
        return options;
    }

    private static boolean has(MachineRun run, String name) {
        ReadableMemory view = run.board().machine().peek(0);
        return run.board().kernel().files().devices().names(view).contains(name)
                || run.board().kernel().drivers().net().devices().views(view).stream()
                        .anyMatch(device -> device.name().equals(name));
    }

    /** When the driver sets DRIVER_OK (section 3.1.1), there is no file and no network device yet. */
    @ParameterizedTest
    @CsvSource({"vda", "hwrng", "hvc0", "eth0"})
    void aDeviceIsReadyBeforeItCanBeUsed(String name, Machines machines) throws Exception {
        MachineRun run = machines.boot(options -> with(options, name));
        Turn turn = run.board().machine().turn();
        run.board().console().input("echo " + DEVICE + " > " + BIND);
        int status = 0;
        while ((status & DRIVER_OK) == 0) {
            int step = (status & DRIVER) == 0 ? COARSE_STEP : STEP;
            turn.limitInstructions(run.board().machine().clock().instructions() + step);
            assertThat(turn.run()).as("the probe has not ended").isNotEqualTo(Turn.Stop.INPUT_WANTED);
            status = run.board().machine().bus().peek(FerriteLayout.VIRTIO + STATUS, 4);
        }
        assertThat(has(run, name)).isFalse();
        turn.limitInstructions(Long.MAX_VALUE);
        assertThat(turn.run()).isEqualTo(Turn.Stop.INPUT_WANTED);
        assertThat(has(run, name)).isTrue();
    }

    /** What a failed probe must leave as it was. */
    private static Map<String, Object> state(Kernel kernel) {
        ReadableMemory view = kernel.base().peek();
        Map<String, Object> state = new TreeMap<>(kernel.mm().caches().live(view));
        INSPECTORS.forEach(name -> state.put("/proc/" + name, kernel.files().proc().file(name).text(view)
                .replaceAll("(?m)^( *\\w+:) +\\d+", "$1")));          // the counts of interrupts
        state.put("devices", kernel.files().devices().names(view).toString());
        return state;
    }

    /**
     * Each allocation of the probe fails three times in a run from the same snapshot. At first, parts of the kernel may
     * come into being for good, such as the block layer; the third time finds and leaves them. Some failures do not
     * matter to a probe, such as those of notes for checks.
     */
    @ParameterizedTest
    @CsvSource({"vda, 40", "hwrng, 12", "hvc0, 30", "eth0, 20"})
    void afterEachFailureNothingOfAProbeIsLeft(String name, int allocations, Machines machines) throws Exception {
        InKernel test = new InKernel();
        MachineRun run = machines.boot(options -> with(options, name).kernelWord("failslab=" + MANY + ",later,once")
                .driver(test));
        ferrite.hardware.Machine.Snapshot snapshot = run.board().snapshot();
        int[] failures = new int[1];
        boolean[] isOver = new boolean[1];
        int failing = 0;
        while (!isOver[0]) {
            failing++;
            int number = failing;
            run.board().restore(snapshot);
            test.run(run, kernel -> {
                int result = bind(kernel, number);
                isOver[0] = kernel.mm().caches().failures().candidates(kernel.base().peek()) < MANY;
                if (result < 0) {
                    failures[0]++;
                    assertThat(result).as("allocation " + number).isIn(-Errno.ENOMEM, -Errno.EBUSY);
                    result = bind(kernel, number);
                    Map<String, Object> before = state(kernel);
                    if (result < 0 && bind(kernel, number) < 0) {
                        assertThat(state(kernel)).as("allocation " + number).isEqualTo(before);
                    }
                }
            });
            assertThat(has(run, name) || !isOver[0]).as("no failure").isTrue();
        }
        assertThat(failing).as("allocations of the probe").isGreaterThan(allocations);
        assertThat(failures[0]).as("failures of the probe").isGreaterThan(allocations / 2);
        assertThat(run).hasNoViolations();
    }

    /** Binds the device with an allocation that fails. Returns the result of the write. */
    private static int bind(Kernel kernel, int failing) {
        int file = kernel.files().open(BIND, Fcntl.O_WRONLY);
        byte[] text = DEVICE.getBytes(StandardCharsets.US_ASCII);
        long buffer = kernel.calls().kzalloc(64, Gfp.GFP_KERNEL);
        kernel.base().memory().write(buffer, text, 0, text.length);
        RootLayout.FAILSLAB_COUNT.set(kernel.base().memory(), kernel.base().root(), MANY - failing);
        kernel.mm().caches().failures().arm(true);
        int result = kernel.files().write(file, buffer, text.length);
        kernel.mm().caches().failures().arm(false);
        kernel.calls().kfree(buffer);
        kernel.files().close(file);
        return result;
    }
}
