package ferrite.peripherals.semihosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.state.StateException;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import ferrite.peripherals.medium.Refusal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The host of semihosting, called by a hart; {@code SemihostingTest} of tests/scenarios has the calls of a program. */
class SemihostingTest {

    private static final int BLOCK = 0x1000;
    private static final int TEXT = 0x2000;
    private static final int OPEN = 1;
    private static final int CLOSE = 2;
    private static final int WRITE0 = 4;
    private static final int WRITE = 5;
    private static final int READ = 6;
    private static final int READC = 7;
    private static final int CLOCK = 0x10;
    private static final int TIME = 0x11;
    private static final int ERRNO = 0x13;
    private static final int GET_CMDLINE = 0x15;
    private static final int EXIT = 0x18;
    private static final int EXIT_EXTENDED = 0x20;
    private static final int ELAPSED = 0x30;

    @TempDir
    private Path directory;
    private final Clock clock = new Clock();
    private final PhysicalBus bus = new PhysicalBus(new Ram(0, 0x1_0000));
    private final Hart hart = new Hart(0, clock, bus, 0);
    private final BusMaster tester = BusMaster.host("tester");
    private final List<String> told = new ArrayList<>();

    private Semihosting host() {
        return new Semihosting(clock, 1000, directory, new Semihosting.Program("p.elf arguments", 0, 0),
                new Semihosting.Host() {
                    @Override
                    public void exit(int code) {
                        told.add("exit " + code);
                    }

                    @Override
                    public void write(int descriptor, byte[] bytes) {
                        told.add(descriptor + " " + new String(bytes, StandardCharsets.US_ASCII));
                    }

                    @Override
                    public void awaited() {
                        told.add("awaited");
                    }
                });
    }

    private boolean serves(Semihosting host, int number, int parameter) {
        hart.setRegister(10, number);
        hart.setRegister(11, parameter);
        return host.serve(hart);
    }

    private int call(Semihosting host, int number, int... block) {
        for (int i = 0; i < block.length; i++) {
            bus.store(tester, BLOCK + 4L * i, 4, block[i]);
        }
        assertThat(serves(host, number, BLOCK)).isTrue();
        return hart.register(10);
    }

    private void put(int at, String text) {
        byte[] bytes = (text + "\0").getBytes(StandardCharsets.US_ASCII);
        bus.write(tester, at, bytes, 0, bytes.length);
    }

    private int open(Semihosting host, String name, int mode) {
        put(TEXT, name);
        return call(host, OPEN, TEXT, mode, name.length());
    }

    private int write(Semihosting host, int file, String text) {
        put(TEXT, text);
        return call(host, WRITE, file, TEXT, text.length());
    }

    private Semihosting restored(byte[] state) {
        Semihosting host = host();
        host.restore(new StateReader(state));
        return host;
    }

    private static byte[] saved(Semihosting host) {
        StateWriter out = new StateWriter();
        host.save(out);
        return out.toBytes();
    }

    @Test
    void aRestoredHostGoesOnWithItsFilesAndEmptiesNone() throws IOException {
        Semihosting host = host();
        int file = open(host, "a.txt", 4);
        int other = open(host, "b.txt", 6);
        write(host, file, "before ");
        byte[] state = saved(host);
        host.close();
        Files.delete(directory.resolve("b.txt"));

        Semihosting again = restored(state);
        assertThat(write(again, file, "after")).isZero();
        assertThat(directory.resolve("a.txt")).hasContent("before after");
        assertThat(write(again, other, "x")).as("the host has this file no more").isEqualTo(1);
        assertThat(call(again, ERRNO)).isEqualTo(Refusal.ENOENT);
        assertThat(directory.resolve("b.txt")).doesNotExist();
        assertThat(call(again, CLOSE, file)).isZero();
        assertThat(open(again, "c.txt", 4)).as("the lowest handle").isEqualTo(file);
        again.close();
    }

    @Test
    void aHostileStateNamesNoFileOutside() throws IOException {
        Semihosting host = host();
        int file = open(host, "in/side", 4);
        assertThat(file).isEqualTo(-1);
        Files.createDirectory(directory.resolve("in"));
        file = open(host, "in/side", 4);
        String state = new String(saved(host), StandardCharsets.ISO_8859_1);
        Semihosting wrong = restored(state.replace("in/side", "../side").getBytes(StandardCharsets.ISO_8859_1));
        assertThat(write(wrong, file, "x")).isEqualTo(1);
        assertThat(call(wrong, ERRNO)).isEqualTo(Refusal.EACCES);
        assertThat(directory.resolveSibling("side")).doesNotExist();
        host.close();

        byte[] bytes = saved(host());
        bytes[4 + 1] = 0x7f;                           // after errno and the flag: the byte of input
        bytes[4 + 2] = 0x7f;
        assertThatThrownBy(() -> restored(bytes)).isInstanceOf(StateException.class).hasMessageContaining("input");
    }

    @Test
    void aByteOfInputIsGivenToTheCallThatWaitsForIt() {
        Semihosting host = host();
        assertThat(serves(host, READC, 0)).isFalse();
        assertThat(serves(host, READC, 0)).isFalse();
        assertThat(told).containsExactly("awaited", "awaited");
        host.receive('k');
        Semihosting again = restored(saved(host));
        assertThat(serves(again, READC, 0)).isTrue();
        assertThat(hart.register(10)).isEqualTo('k');
        again.endInput();
        assertThat(serves(again, READC, 0)).as("nobody waited at that end").isFalse();
        again.endInput();
        assertThat(serves(again, READC, 0)).isTrue();
        assertThat(hart.register(10)).isEqualTo(-1);
    }

    @Test
    void aReadThatCannotBeStoredLosesNothing() throws IOException {
        Files.writeString(directory.resolve("a.txt"), "abcdef");
        Semihosting host = host();
        int file = open(host, "a.txt", 0);
        assertThat(call(host, READ, file, 0xfffe, 4)).as("half of it past RAM").isEqualTo(4);
        assertThat(call(host, ERRNO)).isEqualTo(Refusal.EFAULT);
        assertThat(call(host, READ, file, TEXT, 4)).isZero();
        assertThat(bus.load(tester, TEXT, 4)).isEqualTo('a' | 'b' << 8 | 'c' << 16 | 'd' << 24);
        int terminal = open(host, ":tt", 0);
        host.receive('k');
        assertThat(call(host, READ, terminal, 0x1_0000, 1)).isEqualTo(1);
        assertThat(call(host, READ, terminal, TEXT, 8)).as("the byte is still there").isEqualTo(7);
        assertThat(bus.load(tester, TEXT, 1)).isEqualTo('k');
        host.close();
    }

    @Test
    void timeIsTheMachines() {
        Semihosting host = host();
        clock.jumpTo(5L * Clock.TICKS_PER_SECOND + (1L << 33));
        assertThat(call(host, TIME)).isEqualTo((int) (1000 + clock.now() / Clock.TICKS_PER_SECOND));
        assertThat(call(host, CLOCK)).isEqualTo((int) (clock.now() / (Clock.TICKS_PER_SECOND / 100)));
        assertThat(call(host, ELAPSED)).isZero();
        assertThat(bus.load(tester, BLOCK, 4)).isEqualTo((int) clock.now());
        assertThat(bus.load(tester, BLOCK + 4, 4)).isEqualTo((int) (clock.now() >>> 32));
    }

    @Test
    void theCommandLineNeedsRoomForTheZeroAtItsEnd() {
        Semihosting host = host();
        assertThat(call(host, GET_CMDLINE, TEXT, 15)).isEqualTo(-1);
        assertThat(call(host, GET_CMDLINE, TEXT, 16)).isZero();
        assertThat(bus.load(tester, BLOCK + 4, 4)).isEqualTo(15);
        assertThat(serves(host, WRITE0, TEXT)).isTrue();
        assertThat(told).containsExactly("1 p.elf arguments");
    }

    @Test
    void anApplicationsExitIsASuccessAndEveryOtherReasonAFailure() {
        Semihosting host = host();
        serves(host, EXIT, 0x20026);
        serves(host, EXIT, 0x20023);
        call(host, EXIT_EXTENDED, 0x20026, 7);
        call(host, EXIT_EXTENDED, 0x20026, 0);
        call(host, EXIT_EXTENDED, 0x20024, 0);
        assertThat(told).containsExactly("exit 0", "exit 1", "exit 7", "exit 0", "exit 1");
    }

    @Test
    void theThreeStreamsOfTheTerminalAreToldApartByTheirModes() {
        Semihosting host = host();
        write(host, open(host, ":tt", 4), "out");
        write(host, open(host, ":tt", 8), "err");
        assertThat(told).containsExactly("1 out", "2 err");
    }
}
