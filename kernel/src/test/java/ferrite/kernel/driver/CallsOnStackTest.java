package ferrite.kernel.driver;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.kernel.log.JavaStack;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class CallsOnStackTest {

    private static JavaStack.Frame frame(String type, String method) {
        return new JavaStack.Frame(type, method, "X.java", 1, true);
    }

    @Test
    void everyMethodOfTheDoorIsFoundByItsJavaName() {
        List<Method> rows = Arrays.stream(KernelCalls.class.getMethods())
                .filter(method -> method.isAnnotationPresent(CName.class)).toList();
        assertThat(rows).hasSizeGreaterThan(150).allSatisfy(row ->
                assertThat(CallsOnStack.call(row.getName()).name()).isEqualTo(row.getAnnotation(CName.class).value()));
        assertThat(CallsOnStack.call("memory")).isNull();
        assertThat(CallsOnStack.call("took")).isNull();
    }

    @Test
    void theCallsOfADriverAreFoundInnermostFirst() {
        String door = KernelDoor.class.getName();
        List<JavaStack.Frame> frames = List.of(frame("ferrite.kernel.mm.Kmalloc", "kmalloc"), frame(door, "kmalloc"),
                frame("a.Driver", "handle"), frame("ferrite.kernel.irq.Interrupts", "call"),
                frame(door, "__getFreePages"), frame(door, "getZeroedPage"), frame("a.Driver", "read"));
        assertThat(CallsOnStack.of(frames)).extracting(Exports.Export::name)
                .containsExactly("kmalloc", "get_zeroed_page");
    }
}
