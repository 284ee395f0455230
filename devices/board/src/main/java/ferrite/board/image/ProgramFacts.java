package ferrite.board.image;

import ferrite.hardware.elf.Symbol;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;

/**
 * What is known about a program that does not lie in RAM.
 *
 * @param symbols  its names for addresses; none where it has none
 * @param tohost   the physical address of the word by which it talks to its host, if it does; {@link ferrite.peripherals.htif.Htif}
 * @param fromhost where answers go
 */
public record ProgramFacts(List<Symbol> symbols, OptionalLong tohost, OptionalLong fromhost) {

    /** Returns the symbols that a report can name: functions first, no variables. */
    public List<Symbol> reportable() {
        return symbols.stream().filter(symbol -> symbol.type() != Symbol.STT_OBJECT && !symbol.name().startsWith("$"))
                .sorted(Comparator.comparingInt(symbol -> symbol.type() == Symbol.STT_FUNC ? 0 : 1)).toList();
    }
}
