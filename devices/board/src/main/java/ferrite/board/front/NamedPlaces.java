package ferrite.board.front;

import ferrite.hardware.elf.Symbol;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The symbols of a program by address. */
final class NamedPlaces {

    private static final long MAX_DISTANCE = 1 << 20;

    private final TreeMap<Long, String> symbols = new TreeMap<>();

    /** @param symbols the program's {@link ferrite.board.image.ProgramFacts#reportable}, in order of preference */
    NamedPlaces(List<Symbol> symbols) {
        symbols.forEach(symbol -> this.symbols.putIfAbsent(symbol.value(), symbol.name()));
    }

    /** Returns the last symbol at or before an address, or null if there is none within a mebibyte. */
    Map.Entry<Long, String> before(long address) {
        Map.Entry<Long, String> symbol = symbols.floorEntry(address);
        return symbol == null || address - symbol.getKey() >= MAX_DISTANCE ? null : symbol;
    }
}
