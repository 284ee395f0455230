package ferrite.board.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.layout.VirtioKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.options.BuiltInDrivers;
import ferrite.board.options.NetCard;
import ferrite.board.options.NetPlug;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.hardware.turn.Turn;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.driver.Driver;
import ferrite.peripherals.net.Peer;
import ferrite.peripherals.virtio.VirtioNet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The probes of the drivers that are linked in, with each of their allocations failing in turn. */
@Timeout(120)
class ProbeFailureTest {

    private static final Pattern FAILED = Pattern.compile("\\] ([\\w-]+) (\\S+): probe failed: "
            + "(?:Cannot allocate memory|Device or resource busy)\n");
    private static final Pattern DRIVER = Pattern.compile(" at .*");
    private static final Pattern NO_RECORD = Pattern.compile("no memory for device (\\S+)\n");
    private static final List<String> INSPECTORS = List.of("interrupts", "dma", "vmallocinfo", "iomem");
    /** The root page's text addresses of the services that a driver offers to the kernel. */
    private static final List<Pointer> OFFERS = List.of(RootLayout.DMA_DEVICE, RootLayout.TERMINAL,
            RootLayout.POWER_OFF);
    private static final int MAX_ALLOCATIONS = 300;
    private static final int DISK_BYTES = 64 << 10;

    @TempDir
    private Path directory;

    /** What a machine looks like after boot. */
    private record Booted(String log, String inspectors, Map<String, Long> objects, List<String> devices,
            List<Long> offers) { }

    /** Boots until every hart waits, or the shell wants input. */
    private Booted boot(int failing) throws IOException {
        BoardOptions options = new BoardOptions().ram(64L << 20).harts(1).sound(null, null).rtc("1970-01-01T00:00:00Z")
                .disk(Files.write(directory.resolve("a.img"), new byte[DISK_BYTES]))
                .disk(Files.write(directory.resolve("b.img"), new byte[DISK_BYTES]))
                .virtioDisk(Files.write(directory.resolve("c.img"), new byte[DISK_BYTES]))
                .virtio(VirtioKind.CONSOLE).virtio(VirtioKind.ENTROPY)
                .net(new NetPlug(null, null, NetPlug.AS_CAPTURED, VirtioNet.DEFAULT_MAC, Peer.DEFAULT_ADDRESS,
                        NetCard.VIRTIO))
                .kernelWord("failslab=" + failing + ",probe,once");
        try (Board board = new Board(options, new QuietHost())) {
            Turn.Stop stop = board.machine().turn().run();
            assertThat(stop).as("allocation " + failing + ": " + board.machine().turn().panic())
                    .isIn(Turn.Stop.ALL_WAIT, Turn.Stop.INPUT_WANTED);
            ReadableMemory view = board.machine().peek(0);
            StringBuilder inspectors = new StringBuilder();
            INSPECTORS.forEach(name -> inspectors.append(board.kernel().files().proc().file(name).text(view)
                    .replaceAll(" (\\w+\\.java|CPU).*", "")));
            return new Booted(board.kernel().base().log().text(view), inspectors.toString(),
                    board.kernel().mm().caches().live(view), board.kernel().files().devices().names(view),
                    OFFERS.stream().map(offer -> offer.get(view, board.kernel().base().root())).toList());
        }
    }

    /**
     * The driver and the device whose probe failed, or the record that was not allocated; null if the allocation was
     * another one, or there was none.
     */
    private static String victim(String log) {
        Matcher failed = FAILED.matcher(log);
        Matcher noRecord = NO_RECORD.matcher(log);
        return failed.find() ? failed.group(1) + " at " + failed.group(2)
                : noRecord.find() ? "the record of " + noRecord.group(1) : null;
    }

    @Test
    void afterEachFailureNothingOfTheProbeIsLeft() throws IOException {
        Booted whole = boot(MAX_ALLOCATIONS);
        Map<String, Booted> first = new LinkedHashMap<>();
        TreeSet<String> victims = new TreeSet<>();
        int failing = 1;
        Booted booted = boot(failing);
        for (String victim = victim(booted.log()); victim != null; victim = victim(booted.log())) {
            victims.add(DRIVER.matcher(victim).replaceFirst(""));
            Booted other = first.putIfAbsent(victim, booted);
            if (other != null) {
                assertThat(booted.devices()).as(victim + ", allocation " + failing).isEqualTo(other.devices());
                assertThat(booted.offers()).as(victim + ", allocation " + failing).isEqualTo(other.offers());
                assertThat(booted.inspectors()).as(victim + ", allocation " + failing).isEqualTo(other.inspectors());
                assertThat(booted.objects()).as(victim + ", allocation " + failing).isEqualTo(other.objects());
            }
            failing++;
            booted = boot(failing);
        }
        assertThat(booted.devices()).as("no allocation fails unnoticed").isEqualTo(whole.devices());
        assertThat(booted.offers()).isEqualTo(whole.offers());
        assertThat(booted.inspectors()).isEqualTo(whole.inspectors());
        assertThat(booted.objects()).isEqualTo(whole.objects());
        assertThat(failing).as("allocations of all probes").isBetween(20, MAX_ALLOCATIONS);
        assertThat(victims).containsAll(BuiltInDrivers.create().stream().map(Driver::name).toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "-1", "99999999999", "3,prob", "3,once,probe", "3,,once"})
    void aValueThatCannotBeUnderstoodIsAPanicThatTellsWhatWouldBeRight(String value) throws IOException {
        try (Board board = new Board(new BoardOptions().ram(64L << 20).harts(1).kernelWord("failslab=" + value),
                new QuietHost())) {
            assertThat(board.machine().turn().run()).isEqualTo(Turn.Stop.PANIC);
            assertThat(board.machine().turn().panic()).hasMessageContaining("failslab=" + value + " on the kernel's "
                    + "command line").hasMessageContaining("for example failslab=3,probe,once");
        }
    }
}
