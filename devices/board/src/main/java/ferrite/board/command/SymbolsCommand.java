package ferrite.board.command;

import ferrite.board.layout.BoardKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.plug.JarCode;
import ferrite.board.wiring.Board;
import ferrite.board.wiring.QuietHost;
import ferrite.board.wiring.UnusableFile;
import ferrite.hardware.turn.Turn;
import ferrite.kernel.symbols.KernelSymbols;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ferrite symbols}: the mini-kernel's symbols and types for GDB, and commands that use them. */
@Command(name = "symbols", modelTransformer = MachineArguments.OfRun.class, mixinStandardHelpOptions = true,
        description = "Write the mini-kernel's symbols and types for GDB, and GDB commands that use them.",
        footer = {
                "", "Boots the machine up to its first prompt, because the size of RAM and the harts decide where "
                        + "the kernel's tables are. So give the options that 'ferrite run' gets. FILE has the "
                        + "symbols; FILE-gdb.py has the commands, which 'help fe-ps' and its like explain:",
                "  fe-ps fe-dmesg fe-slabinfo fe-zones fe-vmallocinfo fe-page-owner fe-dma fe-who",
                "  $fe_current() $fe_per_cpu()", "Some have the names of Linux's scripts too, lx-ps for example.",
                "GDB loads FILE-gdb.py itself if 'add-auto-load-safe-path' names its directory; else 'source' it.",
                "", "Examples:",
                "  ferrite symbols kernel.elf",
                "  ferrite symbols kernel.elf --ram 64M --harts 2",
                "  gdb-multiarch -nx kernel.elf -ex 'source kernel.elf-gdb.py'",
                "  (gdb) ptype /o struct kmem_cache", "  (gdb) print mem_map[0x123]", "  (gdb) print zones",
                "  (gdb) info symbol alloc_pages"})
final class SymbolsCommand implements Callable<Integer> {

    private static final String SCRIPT_SUFFIX = "-gdb.py";

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "the ELF file to write, kernel.elf for example; FILE-gdb.py is "
            + "written beside it")
    private Path file;

    @Override
    public Integer call() throws IOException {
        BoardOptions options = MachineArguments.read(spec.commandLine().getParseResult(), new BoardOptions());
        if (options.kind() != BoardKind.FERRITE) {
            throw new UsageException("--board virt: the mini-kernel, which the symbols are of, runs on the ferrite "
                    + "board only");
        }
        byte[] symbols = symbols(options);
        write(file, symbols);
        write(Path.of(file + SCRIPT_SUFFIX), KernelSymbols.script());
        return 0;
    }

    private static byte[] symbols(BoardOptions options) throws IOException {
        try (Board board = open(options)) {
            if (board.machine().turn().run() != Turn.Stop.INPUT_WANTED) {
                throw new IOException("the machine ended before its first prompt; 'ferrite run' with the same options "
                        + "shows the reason");
            }
            return KernelSymbols.elf(board.kernel(), board.machine().peek(0));
        }
    }

    private static Board open(BoardOptions options) throws InputException {
        try {
            return BuildWatchdog.watch(options, System.err, () -> new Board(options, new QuietHost()));
        } catch (JarCode.Unusable | UnusableFile e) {
            throw new InputException(e.getMessage());
        } catch (IOException e) {
            throw new InputException("--disk: " + HostFiles.reason(e));
        }
    }

    private static void write(Path file, byte[] bytes) throws InputException {
        try {
            Files.write(file, bytes);
        } catch (IOException e) {
            throw new InputException(file + " cannot be written: " + HostFiles.reason(e));
        }
    }
}
