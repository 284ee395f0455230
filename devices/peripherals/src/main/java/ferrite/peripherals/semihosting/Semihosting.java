package ferrite.peripherals.semihosting;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.hart.HostCalls;
import ferrite.hardware.hart.Trap;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import ferrite.peripherals.medium.HostFolder;
import ferrite.peripherals.medium.Refusal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The host of a program that uses semihosting: a0 has the number of the call, a1 its parameter or the address of a
 * block of parameters, and a0 gets the result. Times are those of the machine.
 *
 * <p>A call that waits for input is made again until the byte has arrived. Addresses and lengths may be wrong: such a
 * call fails, and SYS_ERRNO tells why.
 */
public final class Semihosting implements HostCalls, Saveable {

    /** The host's side. Each method is called during a run, on the thread that has the turn. */
    public interface Host {

        /** Ends the program with a code, 0 for success. */
        void exit(int code);

        /** Writes bytes to file descriptor 1 or 2. */
        void write(int descriptor, byte[] bytes);

        /** Reports that the program waits for a byte. The host gives it with {@link Semihosting#receive}. */
        void awaited();
    }

    /**
     * The answers about the program.
     *
     * @param commandLine its name and its arguments
     * @param freeFrom    the start of RAM that it may use freely
     * @param freeTo      the end of that RAM; both are 0 if there is none
     */
    public record Program(String commandLine, long freeFrom, long freeTo) { }

    private static final int SYS_OPEN = 0x01;
    private static final int SYS_CLOSE = 0x02;
    private static final int SYS_WRITEC = 0x03;
    private static final int SYS_WRITE0 = 0x04;
    private static final int SYS_WRITE = 0x05;
    private static final int SYS_READ = 0x06;
    private static final int SYS_READC = 0x07;
    private static final int SYS_ISERROR = 0x08;
    private static final int SYS_ISTTY = 0x09;
    private static final int SYS_SEEK = 0x0a;
    private static final int SYS_FLEN = 0x0c;
    private static final int SYS_REMOVE = 0x0e;
    private static final int SYS_RENAME = 0x0f;
    private static final int SYS_CLOCK = 0x10;
    private static final int SYS_TIME = 0x11;
    private static final int SYS_ERRNO = 0x13;
    private static final int SYS_GET_CMDLINE = 0x15;
    private static final int SYS_HEAPINFO = 0x16;
    private static final int SYS_EXIT = 0x18;
    private static final int SYS_EXIT_EXTENDED = 0x20;
    private static final int SYS_ELAPSED = 0x30;
    private static final int SYS_TICKFREQ = 0x31;

    private static final int APPLICATION_EXIT = 0x20026;
    private static final int MAX_TRANSFER = 16 << 20;
    private static final int PIECE = 64 << 10;
    private static final long CENTISECOND = Clock.TICKS_PER_SECOND / 100;

    // values of received beside a byte
    private static final int NOTHING = -1;
    private static final int END_OF_INPUT = -2;

    private final Clock clock;
    private final long date;
    private final Host host;
    private final OpenFiles files;
    private final Program program;
    private final byte[] commandLine;
    private int errno;
    private boolean reading;
    private int received = NOTHING;

    /**
     * Creates the host of a program.
     *
     * @param date      the seconds from 1970 to power-on
     * @param directory the directory for the program, or null
     */
    public Semihosting(Clock clock, long date, Path directory, Program program, Host host) {
        this.clock = clock;
        this.date = date;
        this.program = program;
        this.commandLine = program.commandLine().getBytes(StandardCharsets.UTF_8);
        this.host = host;
        this.files = new OpenFiles(new HostFolder(directory));
    }

    // ---- input ----

    /** Tells whether the program waits for a byte. */
    public boolean isAwaited() {
        return reading;
    }

    /** Gives the byte that the program waits for. */
    public void receive(int value) {
        received = value & 0xff;
        reading = false;
    }

    /** Tells the program that no more bytes come. */
    public void endInput() {
        if (reading) {
            received = END_OF_INPUT;
            reading = false;
        }
    }

    // ---- calls ----

    @Override
    public boolean serve(Hart hart) {
        int call = (int) hart.argument(0);
        long parameter = hart.argument(1);
        GuestMemory memory = new GuestMemory(hart);
        try {
            if ((call == SYS_READC || isTerminalRead(call, memory, parameter)) && !inputCame()) {
                return false;
            }
            hart.setRegister(10, result(call, parameter, memory));
        } catch (Trap wrongAddress) {
            fail(hart, call, memory, parameter, Refusal.EFAULT);
        } catch (Refusal refusal) {
            fail(hart, call, memory, parameter, refusal.number());
        }
        return true;
    }

    private boolean isTerminalRead(int call, GuestMemory memory, long block) throws Refusal {
        return call == SYS_READ && isInput(memory.word(block, 0)) && memory.word(block, 2) != 0;
    }

    private boolean isInput(int handle) throws Refusal {
        return files.isTerminal(handle) && files.descriptor(handle) == 0;
    }

    private boolean inputCame() {
        if (received == NOTHING) {
            reading = true;
            host.awaited();
        }
        return received != NOTHING;
    }

    /** A read or a write that fails has moved nothing. Every other call gives -1. */
    private void fail(Hart hart, int call, GuestMemory memory, long block, int why) {
        errno = why;
        int result = -1;
        if (call == SYS_READ || call == SYS_WRITE) {
            try {
                result = memory.word(block, 2);
            } catch (Trap wrongAddress) {
                // the block itself cannot be read
            }
        }
        hart.setRegister(10, result);
    }

    private int result(int call, long parameter, GuestMemory memory) throws Refusal {
        return switch (call) {
            case SYS_OPEN -> files.open(name(memory, parameter, 0, 2), memory.word(parameter, 1));
            case SYS_CLOSE -> {
                files.close(memory.word(parameter, 0));
                yield 0;
            }
            case SYS_WRITEC -> print(memory.bytes(parameter, 1));
            case SYS_WRITE0 -> print(memory.string(parameter, MAX_TRANSFER));
            case SYS_WRITE -> write(memory, parameter);
            case SYS_READ -> read(memory, parameter);
            case SYS_READC -> take();
            case SYS_ISERROR -> memory.word(parameter, 0) < 0 ? 1 : 0;
            case SYS_ISTTY -> files.isTerminal(memory.word(parameter, 0)) ? 1 : 0;
            case SYS_SEEK -> {
                files.seek(memory.word(parameter, 0), memory.word(parameter, 1));
                yield 0;
            }
            case SYS_FLEN -> files.length(memory.word(parameter, 0));
            case SYS_REMOVE, SYS_RENAME -> change(call, memory, parameter);
            default -> aboutTheMachine(call, parameter, memory);
        };
    }

    private int aboutTheMachine(int call, long parameter, GuestMemory memory) throws Refusal {
        return switch (call) {
            case SYS_CLOCK -> (int) (clock.now() / CENTISECOND);
            case SYS_TIME -> (int) (date + clock.now() / Clock.TICKS_PER_SECOND);
            case SYS_ERRNO -> errno;
            case SYS_GET_CMDLINE -> commandLine(memory, parameter);
            case SYS_HEAPINFO -> heapInfo(memory, memory.word(parameter, 0));
            case SYS_EXIT -> exit((int) parameter, parameter == APPLICATION_EXIT ? 0 : 1);
            case SYS_EXIT_EXTENDED -> exit(memory.word(parameter, 0), memory.word(parameter, 1));
            case SYS_ELAPSED -> {
                memory.putWord(parameter, (int) clock.now());
                memory.putWord(parameter + 4, (int) (clock.now() >>> 32));
                yield 0;
            }
            case SYS_TICKFREQ -> Clock.TICKS_PER_SECOND;
            default -> throw new Refusal(Refusal.ENOSYS);
        };
    }

    /** Returns the name at an address in the block, which has its length too. */
    private static byte[] name(GuestMemory memory, long block, int address, int length) throws Refusal {
        int bytes = memory.word(block, length);
        if (bytes < 0 || bytes > OpenFiles.MAX_NAME_BYTES) {
            throw new Refusal(Refusal.ENAMETOOLONG);
        }
        return memory.bytes(memory.word(block, address), bytes);
    }

    private int change(int call, GuestMemory memory, long block) throws Refusal {
        files.change(name(memory, block, 0, 1), call == SYS_RENAME ? name(memory, block, 2, 3) : null);
        return 0;
    }

    private int print(byte[] text) {
        host.write(1, text);
        return 0;
    }

    private int write(GuestMemory memory, long block) throws Refusal {
        int handle = memory.word(block, 0);
        boolean isTerminal = files.isTerminal(handle);
        int length = memory.word(block, 2);
        byte[] bytes = memory.bytes(memory.word(block, 1),
                Integer.compareUnsigned(length, MAX_TRANSFER) < 0 ? length : MAX_TRANSFER);
        if (!isTerminal) {
            files.write(handle, bytes);
        } else if (files.descriptor(handle) == 0) {
            throw new Refusal(Refusal.EBADF);
        } else {
            host.write(files.descriptor(handle), bytes);
        }
        return length - bytes.length;
    }

    /** Reads. Memory is written before the position moves, because a watchpoint may have the call made again. */
    private int read(GuestMemory memory, long block) throws Refusal {
        int handle = memory.word(block, 0);
        long to = memory.word(block, 1) & 0xffff_ffffL;
        int length = memory.word(block, 2);
        if (isInput(handle)) {
            return length == 0 ? 0 : readTerminal(memory, to, length);
        }
        long wanted = length & 0xffff_ffffL;
        long done = 0;
        while (done < wanted) {
            byte[] piece = new byte[(int) Math.min(PIECE, wanted - done)];
            int count = files.read(handle, piece, done);
            if (count == 0) {
                break;
            }
            memory.write(to + done, Arrays.copyOf(piece, count));
            done += count;
        }
        files.advance(handle, done);
        return (int) (wanted - done);
    }

    private int readTerminal(GuestMemory memory, long to, int length) {
        if (received != END_OF_INPUT) {
            memory.write(to, new byte[] {(byte) received});
        }
        return take() < 0 ? length : length - 1;
    }

    /** Returns the byte that has come, or -1 at the end of input. */
    private int take() {
        int value = Math.max(-1, received);
        received = NOTHING;
        return value;
    }

    private int commandLine(GuestMemory memory, long block) throws Refusal {
        if (Integer.compareUnsigned(memory.word(block, 1), commandLine.length) <= 0) {
            throw new Refusal(Refusal.EINVAL);         // no room for the zero at its end
        }
        memory.write(memory.word(block, 0), Arrays.copyOf(commandLine, commandLine.length + 1));
        memory.putWord(block + 4, commandLine.length);
        return 0;
    }

    /** The stack grows down from the end of the heap. */
    private int heapInfo(GuestMemory memory, long block) {
        int[] words = {(int) program.freeFrom(), (int) program.freeTo(), (int) program.freeTo(),
            (int) program.freeFrom()};
        for (int i = 0; i < words.length; i++) {
            memory.putWord(block + 4L * i, words[i]);
        }
        return 0;
    }

    private int exit(int reason, int code) {
        host.exit(reason == APPLICATION_EXIT ? code : 1);
        return 0;
    }

    /** Closes the host's files. */
    public void close() throws IOException {
        files.closeAll();
    }

    // ---- state ----

    @Override
    public void save(StateWriter out) {
        out.put32(errno);
        out.putBoolean(reading);
        out.put32(received);
        files.save(out);
    }

    @Override
    public void restore(StateReader in) {
        errno = in.get32();
        reading = in.getBoolean();
        received = in.get32();
        StateReader.requireThat(received >= END_OF_INPUT && received <= 0xff, "a byte of input is " + received);
        files.restore(in);
    }
}
