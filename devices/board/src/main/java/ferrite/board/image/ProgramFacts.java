package ferrite.board.image;

import ferrite.hardware.elf.Symbol;
import ferrite.peripherals.semihosting.Semihosting;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;

/**
 * The facts about a program that are not in RAM.
 *
 * @param symbols   the program's symbols, possibly none
 * @param tohost    the physical address of the word by which the program talks to its host, if it has one;
 *                  {@link ferrite.peripherals.htif.Htif}
 * @param fromhost  the physical address of the word for answers, if it has one
 * @param host      the answers of semihosting about the program
 * @param signature the results of an architectural test; null if the program has no such symbols
 */
public record ProgramFacts(List<Symbol> symbols, OptionalLong tohost, OptionalLong fromhost,
        Semihosting.Program host, Signature signature) {

    /** Returns the symbols that a report can name: functions first, no variables. */
    public List<Symbol> reportable() {
        return symbols.stream().filter(symbol -> symbol.type() != Symbol.STT_OBJECT && !symbol.name().startsWith("$"))
                .sorted(Comparator.comparingInt(symbol -> symbol.type() == Symbol.STT_FUNC ? 0 : 1)).toList();
    }
}
