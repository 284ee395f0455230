package ferrite.peripherals.hostfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.bus.BusFault;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The registers of the device for files of the host. HostFilesTest of tests/scenarios has its driver and commands. */
class HostfsTest {

    private static final BusMaster LOADER = BusMaster.host("loader");
    private static final int RAM = 0x1_0000;
    private static final int BUFFER = 0x1000;
    private static final int READS = HostfsRegisters.MODE_READS;
    private static final int WRITES = HostfsRegisters.MODE_WRITES;
    private static final int CREATES = HostfsRegisters.MODE_CREATES;
    private static final int EMPTIES = HostfsRegisters.MODE_EMPTIES;

    @TempDir
    private Path directory;
    private final PhysicalBus bus = new PhysicalBus(new Ram(0, RAM));

    private Hostfs device() {
        return new Hostfs("hostfs0", bus, directory, file -> file.endsWith("disk.img"));
    }

    private static void set(Hostfs device, int register, int value) {
        device.store(register, 4, value);
    }

    private static long command(Hostfs device, int command) {
        set(device, HostfsRegisters.COMMAND, command);
        return device.load(HostfsRegisters.RESULT_LOW, 4) & 0xffff_ffffL
                | (long) device.load(HostfsRegisters.RESULT_HIGH, 4) << 32;
    }

    private void put(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        bus.write(LOADER, BUFFER, bytes, 0, bytes.length);
    }

    private long open(Hostfs device, String name, int mode) {
        put(name);
        set(device, HostfsRegisters.ADDRESS, BUFFER);
        set(device, HostfsRegisters.LENGTH, name.getBytes(StandardCharsets.UTF_8).length);
        set(device, HostfsRegisters.MODE, mode);
        return command(device, HostfsRegisters.OPEN);
    }

    private static long transfer(Hostfs device, int command, long handle, long offset, int length) {
        set(device, HostfsRegisters.HANDLE, (int) handle);
        set(device, HostfsRegisters.OFFSET_LOW, (int) offset);
        set(device, HostfsRegisters.OFFSET_HIGH, (int) (offset >>> 32));
        set(device, HostfsRegisters.LENGTH, length);
        return command(device, command);
    }

    private String text(int length) {
        byte[] bytes = new byte[length];
        bus.read(LOADER, BUFFER, bytes, 0, length);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Test
    void bytesGoThereAndComeBackAtAnyPlace() throws IOException {
        Hostfs device = device();
        long file = open(device, "grün.txt", READS | WRITES | CREATES);
        assertThat(file).isEqualTo(1);
        put("hello");
        assertThat(transfer(device, HostfsRegisters.WRITE, file, 0, 5)).isEqualTo(5);
        assertThat(transfer(device, HostfsRegisters.WRITE, file, 5L << 30, 5)).isEqualTo(5);
        put("-----");
        assertThat(transfer(device, HostfsRegisters.READ, file, (5L << 30) + 1, 100)).isEqualTo(4);
        assertThat(text(5)).isEqualTo("ello-");
        assertThat(transfer(device, HostfsRegisters.READ, file, 6L << 30, 100)).isZero();
        assertThat(command(device, HostfsRegisters.SIZE)).isEqualTo((5L << 30) + 5);
        assertThat(command(device, HostfsRegisters.CLOSE)).isZero();
        assertThat(command(device, HostfsRegisters.SIZE)).isEqualTo(-9);
        assertThat(Files.size(directory.resolve("grün.txt"))).isEqualTo((5L << 30) + 5);
    }

    @Test
    void onlyRegularFilesInTheDirectoryAreOpened() throws IOException {
        Path outside = Files.writeString(directory.resolve("outside"), "secret");
        Path inside = Files.createDirectory(directory.resolve("inside"));
        Files.createSymbolicLink(inside.resolve("link"), outside);
        Files.createSymbolicLink(inside.resolve("up"), directory);
        Hostfs device = new Hostfs("hostfs0", bus, inside, file -> false);
        for (String name : new String[] {"../outside", outside.toString(), "link", "up/outside", "./../outside"}) {
            assertThat(open(device, name, READS)).as(name).isEqualTo(-13);
            assertThat(open(device, name, WRITES | CREATES | EMPTIES)).as(name).isEqualTo(-13);
        }
        assertThat(open(device, "none", READS)).isEqualTo(-2);
        assertThat(open(device, "none/none", WRITES | CREATES)).isEqualTo(-2);
        assertThat(open(device, "", READS)).isEqualTo(-2);
        assertThat(open(device, ".", READS)).isEqualTo(-21);
        assertThat(open(device, "nul\0", READS)).isEqualTo(-22);
        assertThat(outside).hasContent("secret");
    }

    @Test
    void aFileInUseIsNeitherEmptiedNorIsADiskWritten() throws IOException {
        Files.writeString(directory.resolve("disk.img"), "sectors");
        Files.writeString(directory.resolve("data"), "data");
        Files.createLink(directory.resolve("again"), directory.resolve("data"));
        Hostfs device = device();
        assertThat(open(device, "disk.img", WRITES)).isEqualTo(-16);
        assertThat(open(device, "disk.img", READS)).isEqualTo(1);
        assertThat(open(device, "data", READS)).isEqualTo(2);
        assertThat(open(device, "again", WRITES | EMPTIES)).isEqualTo(-16);
        assertThat(open(device, "again", WRITES)).isEqualTo(3);
        assertThat(directory.resolve("data")).hasContent("data");
    }

    @Test
    void aTransferNeedsItsModeAndARealBuffer() throws IOException {
        Files.writeString(directory.resolve("data"), "data");
        Hostfs device = device();
        long reads = open(device, "data", READS);
        long writes = open(device, "data", WRITES);
        assertThat(transfer(device, HostfsRegisters.WRITE, reads, 0, 1)).isEqualTo(-9);
        assertThat(transfer(device, HostfsRegisters.READ, writes, 0, 1)).isEqualTo(-9);
        assertThat(transfer(device, HostfsRegisters.READ, reads, 0, -1)).isEqualTo(-22);
        assertThat(transfer(device, HostfsRegisters.READ, reads, -1, 1)).isEqualTo(-22);
        assertThat(transfer(device, HostfsRegisters.READ, reads, 0, Hostfs.MAX_TRANSFER + 1)).isEqualTo(-22);
        set(device, HostfsRegisters.ADDRESS, RAM);
        assertThat(transfer(device, HostfsRegisters.READ, reads, 0, 4)).isEqualTo(-14);
        assertThat(transfer(device, HostfsRegisters.WRITE, writes, 0, 4)).isEqualTo(-14);
        assertThat(command(device, 77)).isEqualTo(-38);
        assertThatThrownBy(() -> device.load(HostfsRegisters.COMMAND, 4)).isInstanceOf(BusFault.class);
        assertThatThrownBy(() -> device.store(0, 1, 0)).isInstanceOf(BusFault.class);
        for (int i = 0; i < Hostfs.MAX_OPEN - 2; i++) {
            assertThat(open(device, "data", READS)).isPositive();
        }
        assertThat(open(device, "data", READS)).isEqualTo(-24);
        device.close();
    }

    @Test
    void aRestoredDeviceGoesOnWithItsFilesAndEmptiesNone() throws IOException {
        Hostfs device = device();
        long file = open(device, "out", READS | WRITES | CREATES | EMPTIES);
        put("before");
        transfer(device, HostfsRegisters.WRITE, file, 0, 6);
        StateWriter state = new StateWriter();
        device.save(state);
        device.close();

        Hostfs restored = device();
        restored.restore(new StateReader(state.toBytes()));
        put(" after");
        assertThat(transfer(restored, HostfsRegisters.WRITE, file, 6, 6)).isEqualTo(6);
        restored.close();
        assertThat(directory.resolve("out")).hasContent("before after");
        Files.delete(directory.resolve("out"));
        assertThat(transfer(restored, HostfsRegisters.WRITE, file, 6, 6)).isEqualTo(-2);
    }

    @Test
    void randomRegistersNeitherFailNorLeaveTheDirectory() throws IOException {
        Path inside = Files.createDirectory(directory.resolve("inside"));
        Files.writeString(inside.resolve("a"), "data");
        Random random = new Random(5);
        Hostfs device = new Hostfs("hostfs0", bus, inside, file -> false);
        for (int i = 0; i < 20_000; i++) {
            if (random.nextInt(4) == 0) {
                put(random.nextBoolean() ? "a" : "../" + random.nextInt(9));
            }
            int register = 4 * random.nextInt(7);
            set(device, register, switch (random.nextInt(4)) {
                case 0 -> random.nextInt();
                case 1 -> BUFFER;
                default -> random.nextInt(6);
            });
        }
        device.close();
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).as("nothing outside").containsExactly(inside);
        }
    }
}
