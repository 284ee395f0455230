package ferrite.board.command;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A number of bytes: K, M and G count in 1024s, in either case; a bare number is bytes. */
final class Size implements ITypeConverter<Long> {

    @Override
    public Long convert(String text) {
        return parse(text);
    }

    static long parse(String text) {
        if (!text.matches("[0-9]{1,12}[kKmMgG]?")) {
            throw new TypeConversionException("'" + text + "' is no size; 64M, 1G or 33554432 would be");
        }
        char last = Character.toUpperCase(text.charAt(text.length() - 1));
        int shift = last == 'K' ? 10 : last == 'M' ? 20 : last == 'G' ? 30 : 0;
        long number = Long.parseLong(shift == 0 ? text : text.substring(0, text.length() - 1));
        return number > Long.MAX_VALUE >> shift ? Long.MAX_VALUE : number << shift;
    }
}
