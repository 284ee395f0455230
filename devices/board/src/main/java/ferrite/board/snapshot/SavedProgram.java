package ferrite.board.snapshot;

import ferrite.board.image.ProgramFacts;
import ferrite.board.image.Signature;
import ferrite.hardware.elf.Symbol;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import ferrite.peripherals.semihosting.Semihosting;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** The section of a snapshot that holds {@link ProgramFacts}: two addresses, the answers of semihosting, the
 * signature, then the symbols. */
final class SavedProgram {

    private static final long WORD_BYTES = 8;

    private SavedProgram() { }

    static byte[] toBytes(ProgramFacts program) {
        StateWriter out = new StateWriter();
        out.put64(program.tohost().orElse(0));
        out.put64(program.fromhost().orElse(0));
        SnapshotFormat.putText(out, program.host().commandLine());
        out.put64(program.host().freeFrom());
        out.put64(program.host().freeTo());
        out.putBoolean(program.signature() != null);
        if (program.signature() != null) {
            out.put64(program.signature().pa());
            out.put64(program.signature().bytes());
        }
        List<Symbol> kept = program.reportable();
        int bytes = 0;
        int count = 0;
        while (count < kept.size()
                && (bytes += 32 + 4 * kept.get(count).name().length()) < SnapshotFormat.MAX_PROGRAM_BYTES) {
            count++;  // a symbol without room is missing in crash reports, and nowhere else
        }
        out.put32(count);
        for (Symbol symbol : kept.subList(0, count)) {
            SnapshotFormat.putText(out, symbol.name());
            out.put64(symbol.value());
            out.put64(symbol.size());
            out.put32(symbol.type());
        }
        return out.toBytes();
    }

    /** Reads the section of a machine with RAM from {@code ramBase} to {@code ramEnd}. */
    static ProgramFacts of(StateReader in, long ramBase, long ramEnd) {
        OptionalLong tohost = word(in, ramBase, ramEnd);
        OptionalLong fromhost = word(in, ramBase, ramEnd);
        Semihosting.Program host = new Semihosting.Program(SnapshotFormat.getText(in), in.get64(), in.get64());
        Signature signature = in.getBoolean() ? new Signature(in.get64(), in.get64()) : null;
        int count = in.get32(0, SnapshotFormat.MAX_PROGRAM_BYTES);
        List<Symbol> symbols = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            symbols.add(new Symbol(SnapshotFormat.getText(in), in.get64(), in.get64(), in.get32()));
        }
        return new ProgramFacts(symbols, tohost, fromhost, host, signature);
    }

    private static OptionalLong word(StateReader in, long ramBase, long ramEnd) {
        long pa = in.get64();
        StateReader.requireThat(pa == 0 || pa % WORD_BYTES == 0 && pa >= ramBase && pa < ramEnd,
                "a word by which the program talks to its host is not in RAM");
        return pa == 0 ? OptionalLong.empty() : OptionalLong.of(pa);
    }
}
