package ferrite.board.plug;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.board.devicetree.BoardTree;
import ferrite.board.devicetree.DeviceList;
import ferrite.board.layout.BoardKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.options.MachineOptions;
import ferrite.board.wiring.Board;
import ferrite.board.wiring.QuietHost;
import ferrite.hardware.model.DeviceModel;
import ferrite.hardware.model.DmaTransfers;
import ferrite.hardware.model.RegisterAccess;
import ferrite.hardware.report.Report;
import ferrite.hardware.report.ReportText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Devices that users plug in: their jars, their places, and their refusals. */
class PluggedDevicesTest {

    private static final DmaTransfers NO_BYTES = new DmaTransfers() {
        @Override
        public int ready() {
            return 0;
        }

        @Override
        public void supply(byte[] into, int at, int length) { }

        @Override
        public void accept(byte[] from, int at, int length) { }
    };

    @TempDir
    private static Path directory;
    private static String timer;

    @BeforeAll
    static void makeJar() throws IOException {
        timer = DeviceJar.ofTimer(directory).toString();
    }

    private static BoardOptions options(String... devices) {
        BoardOptions options = new BoardOptions().ram(8 << 20);
        Stream.of(devices).forEach(device -> MachineOptions.set(options, "--device", device));
        return options;
    }

    private static List<String> places(BoardOptions options) throws IOException {
        try (PluggedDevices plugged = PluggedDevices.load(options, () -> BoardTree.builtIn(options))) {
            return plugged.all().stream().map(device -> device.name() + " " + Long.toHexString(device.base()) + " irq "
                    + device.interrupts() + " dma " + device.channel()).toList();
        }
    }

    private static DeviceModel isa(int width) {
        return device -> {
            device.name("tape").compatible("example,tape");
            device.dmaChannel(width, NO_BYTES);
        };
    }

    // ---- places ----

    @Test
    void placesThatAreGivenComeFirstAndTheOthersAreTheLowestFree() throws IOException {
        assertThat(places(options(timer, timer + ",irq=5,at=0xf0101000", timer + ",at=0xF00a0000,limit=3", timer)))
                .containsExactly("timer0 f0110000 irq [6] dma -1", "timer1 f0101000 irq [5] dma -1",
                        "timer2 f00a0000 irq [7] dma -1", "timer3 f0120000 irq [8] dma -1");
        BoardOptions tapes = options().device(isa(8)).device(isa(16)).device(isa(8)).device(isa(8), "dma=1");
        assertThat(places(tapes)).extracting(place -> place.replaceAll(".* dma ", ""))
                .containsExactly("3", "5", "0", "1");
    }

    @Test
    void theVirtBoardTakesDevicesToo() throws IOException {
        BoardOptions virt = options(timer, timer + ",at=0x30000000,irq=31").kind(BoardKind.VIRT);
        assertThat(places(virt)).containsExactly("timer0 4000000 irq [9] dma -1", "timer1 30000000 irq [31] dma -1");
        assertThat(DeviceList.of(virt).children()).extracting(Report::name).contains("timer@4000000", "timer@30000000");
        assertThatThrownBy(() -> places(options(timer + ",at=0x10008000").kind(BoardKind.VIRT)))
                .hasMessageContaining("overlap virtio_mmio@10008000");
        assertThatThrownBy(() -> places(options(timer + ",at=0x3000").kind(BoardKind.VIRT)))
                .hasMessageContaining("overlap the boot ROM");
        assertThatThrownBy(() -> places(new BoardOptions().kind(BoardKind.VIRT).device(isa(8))))
                .hasMessageContaining("the virt board has no DMA controller");
    }

    @Test
    void aDeviceNamedAsOneOfTheBoardsHasAnotherNumber() throws IOException {
        assertThat(places(options().device(device -> device.name("uart").compatible("example,uart")))).singleElement()
                .asString().startsWith("uart1 ");
    }

    @Test
    void aDeviceIsOnTheBusInTheTreeAndInTheMonitor() throws Exception {
        BoardOptions options = options(timer).device(isa(8)).device(device -> {
            device.name("mover").compatible("example,mover", "example,any").busMaster(28);
            device.interrupt();
            device.interrupt();
            device.register("ID", 0, 2, RegisterAccess.RO).reset(0xbeef).bits("NIBBLE", 4, 4);
        });
        assertThat(DeviceList.of(options).children()).extracting(device -> device.name() + " " + device.value("irq"))
                .contains("timer@f0100000 5", "mover@f0120000 6 7", "tape@f0110000 null");
        assertThat(DeviceList.of(options).children()).filteredOn(device -> device.name().startsWith("mover"))
                .flatExtracting(Report::children).filteredOn(row -> row.name().equals("register")).singleElement()
                .satisfies(row -> assertThat(List.of(row.value("label"), row.value("offset"), row.value("bits"),
                        row.value("access"), row.value("fields"))).containsExactly("ID", "0x0", "16",
                        "read-only", "NIBBLE:7-4"));
        try (Board board = new Board(options, new QuietHost())) {
            assertThat(board.machine().bus().ranges().toString()).contains("timer0", "mover0", "tape0");
            assertThat(ReportText.of(board.monitor().execute("device mover0"))).matches("(?s)ID +0xbeef NIBBLE=14\n"
                    + "interrupt 0 +low\ninterrupt 1 +low\n");
            assertThat(board.machine().bus().peek(0xf012_0000L, 2)).isEqualTo(0xbeef);
            assertThat(board.dma().look().get(1).device()).isEqualTo("tape0");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        ",at=0xf0050000   | at=0xf0050000: the device's 8192 bytes overlap disk@f0050000, which has",
        ",at=0xf004f000   | the device's 8192 bytes overlap disk@f0050000",
        ",at=0xf0000000   | overlap the boot ROM",
        ",at=0xfffff000   | the device has 8192 bytes, and the ferrite board has its devices from 0xf0000000 to",
        ",irq=1           | irq=1: the interrupt is that of disk@f0050000; without irq= the board chooses a free one",
        ",dma=3           | dma=3: the device has no DMA request line",
        ",bells=3         | the device timer has no parameter bells; there is limit",
        ",limit=0         | a timer that never rings is none"})
    void aPlaceThatIsTakenAndAWrongParameterAreRefused(String words, String sentence) {
        assertThatThrownBy(() -> places(options(timer + words))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("--device " + timer + words + ": ").hasMessageContaining(sentence);
    }

    @Test
    void twoDevicesDoNotShareAPlace() {
        assertThatThrownBy(() -> places(options(timer + ",at=0xf0200000", timer + ",at=0xf0201000")))
                .hasMessageContaining("overlap timer0, which has 0xf0200000 to 0xf0201fff");
        assertThatThrownBy(() -> places(options(timer + ",irq=9", timer + ",irq=9")))
                .hasMessageContaining("the interrupt is that of timer0");
        assertThatThrownBy(() -> places(options().device(isa(8), "dma=2")))
                .hasMessageContaining("dma=2: the channel is that of disk@f0050000");
        assertThatThrownBy(() -> places(options().device(isa(16), "dma=1")))
                .hasMessageContaining("moves 16 bits at once, on channels 5 to 7");
        assertThatThrownBy(() -> places(options().device(device -> device.name("a").compatible("b"), "irq=9")))
                .hasMessageContaining("irq=9: the device has no interrupt");
        BoardOptions many = options();
        for (int i = 0; i < 4; i++) {
            many.device(isa(16));
        }
        assertThatThrownBy(() -> places(many)).hasMessageContaining("all DMA channels of 16 bits are taken");
    }

    @Test
    void theOptionIsWrittenAsItIsRead() {
        String text = timer + ",at=0xf0200000,irq=9,limit=3";
        assertThat(MachineOptions.words(options(text))).containsSubsequence("--device", text);
        assertThat(MachineOptions.words(options().device(isa(8)))).doesNotContain("--device");
    }

    // ---- jars ----

    @Test
    void aJarThatHasNoModelIsRefusedInASentence() throws IOException {
        refuses("nowhere.jar", "there is no such file");
        refuses(Files.writeString(directory.resolve("text.jar"), "text").toString(), "it is not a jar");
        refuses(DeviceJar.naming(directory.resolve("driver.jar"), "Ferrite-Driver", "a.B").toString(),
                "its manifest has no Ferrite-Device: that line names the model's class");
        refuses(jar("a.B"), "its manifest names a.B, which is not in made.jar");
        refuses(jar("ferrite.kernel.Kernel"), "ferrite.kernel.Kernel cannot be loaded: ferrite.kernel.Kernel, which a "
                + "model of a device does not have: it knows ferrite.hardware alone");
        refuses(jar("java.lang.String"), "java.lang.String does not implement ferrite.hardware.model.DeviceModel");
        refuses(jar("java.lang.Integer"), "it needs a public constructor without arguments that works");
        refuses(jar("org.example.timer.Broken"), "java.lang.IllegalStateException: no dice");
    }

    private static String jar(String className) throws IOException {
        return DeviceJar.naming(directory.resolve("made.jar"), "Ferrite-Device", className).toString();
    }

    private static void refuses(String jar, String sentence) {
        assertThatThrownBy(() -> places(options(jar))).isInstanceOf(JarCode.Unusable.class)
                .hasMessageStartingWith("--device " + jar + ": ").hasMessageContaining(sentence);
    }

    @Test
    void aModelThatDeclaresNonsenseIsRefusedAndNamed() {
        DeviceModel overlapping = device -> {
            device.name("a").compatible("b");
            device.register("ONE", 0, 4, RegisterAccess.RO);
            device.register("TWO", 2, 2, RegisterAccess.RO);
        };
        assertThatThrownBy(() -> places(options().device(overlapping))).isInstanceOf(JarCode.Unusable.class)
                .hasMessageStartingWith("--device " + getClass().getName()
                        + ": the model is wrong: ONE and TWO overlap at offset 0x2");
    }
}
