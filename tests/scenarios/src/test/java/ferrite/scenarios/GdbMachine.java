package ferrite.scenarios;

import ferrite.board.options.BoardOptions;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.symbols.KernelSymbols;
import ferrite.testkit.MachineRun;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A machine at its prompt, and GDB with the kernel's symbols. GDB can see the machine's memory without a connection:
 * the section of the linear map, which has no contents in kernel.elf, gets those of RAM.
 */
final class GdbMachine implements AutoCloseable {

    private static final int SECTION_HEADER_BYTES = 40;
    private static final int SHT_PROGBITS = 1;
    private static final int SHT_NOBITS = 8;
    private static final int SHF_WRITE = 1;

    private final MachineRun run;
    private final Path directory;

    private GdbMachine(MachineRun run, Path directory) {
        this.run = run;
        this.directory = directory;
    }

    /** Boots a machine, types commands, and writes {@code kernel.elf} and {@code kernel.elf-gdb.py}. */
    static GdbMachine start(Path directory, BoardOptions options, String... commands) throws IOException {
        GdbMachine machine = new GdbMachine(MachineRun.start(options), directory);
        for (String command : commands) {
            machine.run.type(command);
        }
        Files.write(directory.resolve("kernel.elf"), machine.symbols());
        Files.write(directory.resolve("kernel.elf-gdb.py"), KernelSymbols.script());
        return machine;
    }

    MachineRun run() {
        return run;
    }

    Kernel kernel() {
        return run.board().kernel();
    }

    ReadableMemory view() {
        return run.board().machine().peek(0);
    }

    /** Returns the contents of {@code kernel.elf}. */
    byte[] symbols() {
        return KernelSymbols.elf(kernel(), view());
    }

    /** Writes {@code memory.elf}: the symbols with the machine's memory as it is now. */
    void writeMemory() throws IOException {
        byte[] symbols = symbols();
        int bytes = (int) RootLayout.LOW_FRAMES.get(view(), kernel().base().root()) << AddressSpace.PAGE_SHIFT;
        byte[] file = Arrays.copyOf(symbols, symbols.length + bytes);
        view().read(AddressSpace.PAGE_OFFSET, file, symbols.length, bytes);
        ByteBuffer elf = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < elf.getShort(48); i++) {
            int header = elf.getInt(32) + i * SECTION_HEADER_BYTES;
            if (elf.getInt(header + 4) == SHT_NOBITS && (elf.getInt(header + 8) & SHF_WRITE) != 0) {
                elf.putInt(header + 4, SHT_PROGBITS).putInt(header + 16, symbols.length);
            }
        }
        Files.write(directory.resolve("memory.elf"), file);
    }

    /** Runs commands in a GDB that has read a file and the Python commands. A failed command is on standard error. */
    Program.Ended gdb(String file, String... commands) throws IOException, InterruptedException {
        Tools.need("gdb-multiarch");
        List<String> line = new ArrayList<>(List.of("gdb-multiarch", "-nx", "-batch", "-ex", "set auto-load no",
                "-ex", "set width 0", "-ex", "file " + file, "-ex", "source kernel.elf-gdb.py"));
        for (String command : commands) {
            line.addAll(List.of("-ex", command));
        }
        return Program.start(directory, line).end();
    }

    @Override
    public void close() {
        run.close();
    }
}
