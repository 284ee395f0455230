package ferrite.debugport;

import ferrite.hardware.monitor.Monitor;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.socket.SocketChannel;
import java.util.concurrent.Executor;

/**
 * Receives every connection, counts it, and lays out its pipeline:
 *
 * <pre>
 *   TokenGate         only when there is a token; replaced, once it was given, by
 *   ProtocolChooser   which is replaced, when the client has spoken, by the handler of its protocol
 *   LastResort        closes a connection on which anything went wrong
 * </pre>
 */
@ChannelHandler.Sharable
final class Connections extends ChannelInitializer<SocketChannel> {

    static final int MAX_CONNECTIONS = 16;

    private final String token;
    private final Monitor monitor;
    private final MachinePrompt prompt;
    private final Executor machine;
    private final ChannelGroup leaving;
    private int open; // only the port's one thread counts

    /**
     * @param prompt  null when there is none
     * @param leaving gets the attached clients to whom bye was said
     */
    Connections(String token, Monitor monitor, MachinePrompt prompt, Executor machine, ChannelGroup leaving) {
        this.token = token;
        this.monitor = monitor;
        this.prompt = prompt;
        this.machine = machine;
        this.leaving = leaving;
    }

    @Override
    protected void initChannel(SocketChannel channel) {
        open++;
        channel.closeFuture().addListener(closed -> open--);
        if (open > 2 * MAX_CONNECTIONS) {
            channel.close(); // so many that even being told takes too much
            return;
        }
        channel.pipeline().addLast(firstHandler(), new LastResort());
    }

    private ChannelHandler firstHandler() {
        if (open > MAX_CONNECTIONS) {
            return new Farewell(Protocol.TEXT.refusal(null, "the debug port serves at most " + MAX_CONNECTIONS
                    + " clients at once, and has as many; end one of them and try again"));
        }
        ProtocolChooser chooser = new ProtocolChooser(monitor, () -> new AttachHandler(prompt, machine, leaving), machine);
        return token == null ? chooser : new TokenGate(token, chooser);
    }
}
