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
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The probes of the drivers that are linked in, with each of their allocations failing in turn. */
@Timeout(120)
class ProbeFailureTest {

    private static final Pattern FAILED = Pattern.compile("\\] ([\\w-]+) (\\S+): probe failed: "
            + "(?:Cannot allocate memory|Device or resource busy)\n");
    private static final Pattern DRIVER = Pattern.compile(" at .*");
    private static final Pattern NO_RECORD = Pattern.compile("no memory for device (\\S+)\n");
    /** The objects that the first driver makes that needs them: the network, and notes of mappings. They stay. */
    private static final List<String> KEPT = List.of("kmalloc-1k", "kmalloc-2k", "kmem_cache");
    private static final String NO_NOTES = "DMA-API: no memory for debugging";
    private static final List<String> INSPECTORS = List.of("interrupts", "dma", "vmallocinfo", "iomem");
    /** The root page's text addresses of the services that a driver offers to the kernel. */
    private static final List<Pointer> OFFERS = List.of(RootLayout.DMA_DEVICE, RootLayout.TERMINAL,
            RootLayout.POWER_OFF);
    private static final int MAX_ALLOCATIONS = 300;
    private static final int DISK_BYTES = 64 << 10;

    @TempDir
    private Path directory;

    /**
     * What a machine looks like after boot.
     *
     * @param blocks address of the state of the block layer, which the first probe of a disk makes, and which stays
     */
    private record Booted(String log, String inspectors, Map<String, Long> objects, List<String> devices,
            List<Long> offers, long blocks) { }

    /** Boots until every hart waits, or the shell wants input. */
    private Booted boot(NetCard card, int failing) throws IOException {
        BoardOptions options = new BoardOptions().ram(64L << 20).harts(1).net(new NetPlug(null, null,
                NetPlug.AS_CAPTURED, VirtioNet.DEFAULT_MAC, Peer.DEFAULT_ADDRESS, card))
                .parameter("nic.ring", "4").kernelWord("failslab=" + failing + ",probe,once");
        try (Board board = new Board(card == NetCard.NIC ? options : addAll(options), new QuietHost())) {
            Turn.Stop stop = board.machine().turn().run();
            assertThat(stop).as("allocation " + failing + ": " + board.machine().turn().panic())
                    .isIn(Turn.Stop.ALL_WAIT, Turn.Stop.INPUT_WANTED);
            ReadableMemory view = board.machine().peek(0);
            StringBuilder inspectors = new StringBuilder();
            INSPECTORS.forEach(name -> inspectors.append(board.kernel().files().proc().file(name).text(view)
                    .replaceAll(" (\\w+\\.java|CPU).*", "")));
            return new Booted(board.kernel().base().log().text(view), inspectors.toString(),
                    objects(card, board.kernel().mm().caches().live(view)),
                    board.kernel().files().devices().names(view),
                    OFFERS.stream().map(offer -> offer.get(view, board.kernel().base().root())).toList(),
                    RootLayout.BLOCK.get(view, board.kernel().base().root()));
        }
    }

    private static Map<String, Long> objects(NetCard card, Map<String, Long> live) {
        Map<String, Long> objects = new LinkedHashMap<>(live);
        if (card == NetCard.NIC) {
            objects.keySet().removeAll(KEPT);
        }
        return objects;
    }

    /** Adds every device but the second kind of network card. */
    private BoardOptions addAll(BoardOptions options) throws IOException {
        return options.sound(null, null).rtc("1970-01-01T00:00:00Z").hostFiles(directory)
                .disk(Files.write(directory.resolve("a.img"), new byte[DISK_BYTES]))
                .disk(Files.write(directory.resolve("b.img"), new byte[DISK_BYTES]))
                .virtioDisk(Files.write(directory.resolve("c.img"), new byte[DISK_BYTES]))
                .virtio(VirtioKind.CONSOLE).virtio(VirtioKind.ENTROPY);
    }

    /**
     * The driver and the device whose probe failed, or the record that was not allocated, or the memory in which the
     * first driver that sets a mask has mappings noted; null if the allocation was
     * another one, or there was none.
     */
    private static String victim(NetCard card, String log) {
        Matcher failed = FAILED.matcher(log);
        Matcher noRecord = NO_RECORD.matcher(log);
        return failed.find() ? failed.group(1) + " at " + failed.group(2)
                : noRecord.find() ? "the record of " + noRecord.group(1)
                : card == NetCard.NIC && log.contains(NO_NOTES) ? "the notes of mappings" : null;
    }

    @ParameterizedTest
    @EnumSource(NetCard.class)
    void afterEachFailureNothingOfTheProbeIsLeft(NetCard card) throws IOException {
        Booted whole = boot(card, MAX_ALLOCATIONS);
        Map<String, Booted> first = new LinkedHashMap<>();
        TreeSet<String> victims = new TreeSet<>();
        int failing = 1;
        Booted booted = boot(card, failing);
        for (String victim = victim(card, booted.log()); victim != null; victim = victim(card, booted.log())) {
            victims.add(DRIVER.matcher(victim).replaceFirst(""));
            Booted other = first.putIfAbsent(victim + booted.blocks(), booted);
            if (other != null) {
                assertThat(booted.devices()).as(victim + ", allocation " + failing).isEqualTo(other.devices());
                assertThat(booted.offers()).as(victim + ", allocation " + failing).isEqualTo(other.offers());
                assertThat(booted.inspectors()).as(victim + ", allocation " + failing).isEqualTo(other.inspectors());
                assertThat(booted.objects()).as(victim + ", allocation " + failing).isEqualTo(other.objects());
            }
            failing++;
            booted = boot(card, failing);
        }
        assertThat(booted.devices()).as("no allocation fails unnoticed").isEqualTo(whole.devices());
        assertThat(booted.offers()).isEqualTo(whole.offers());
        assertThat(booted.inspectors()).isEqualTo(whole.inspectors());
        assertThat(booted.objects()).isEqualTo(whole.objects());
        assertThat(failing).as("allocations of all probes").isBetween(20, MAX_ALLOCATIONS);
        assertThat(victims).containsAll(card == NetCard.NIC ? List.of("nic")
                : BuiltInDrivers.create().stream().map(Driver::name).filter(name -> !name.equals("nic")).toList());
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
