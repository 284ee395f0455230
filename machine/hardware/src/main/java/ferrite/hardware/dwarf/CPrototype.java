package ferrite.hardware.dwarf;

import java.util.ArrayList;
import java.util.List;

/**
 * A function's declaration in C.
 *
 * @param type the type that it returns, as C writes it
 */
public record CPrototype(String type, String name, List<Parameter> parameters) {

    /** A parameter, with its type as C writes it. */
    public record Parameter(String type, String name) {

        private static Parameter parse(String declaration) {
            int start = declaration.length();
            while (start > 0 && Character.isJavaIdentifierPart(declaration.charAt(start - 1))) {
                start--;
            }
            String type = declaration.substring(0, start).strip();
            String name = declaration.substring(start);
            if (type.isEmpty() || name.isEmpty()) {
                throw new IllegalArgumentException("'" + declaration + "' is not a type and a name");
            }
            return new Parameter(type, name);
        }
    }

    /** Parses a declaration such as {@code struct page *alloc_pages(gfp_t gfp, int order)}. */
    public static CPrototype parse(String declaration) {
        int open = declaration.indexOf('(');
        if (open < 0 || !declaration.endsWith(")")) {
            throw new IllegalArgumentException("'" + declaration + "' is no declaration of a function");
        }
        Parameter function = Parameter.parse(declaration.substring(0, open));
        List<Parameter> parameters = new ArrayList<>();
        String inside = declaration.substring(open + 1, declaration.length() - 1);
        if (!inside.equals("void")) {
            for (String parameter : inside.split(", ")) {
                parameters.add(Parameter.parse(parameter));
            }
        }
        return new CPrototype(function.type(), function.name(), List.copyOf(parameters));
    }
}
