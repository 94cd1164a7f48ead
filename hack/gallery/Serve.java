// Answers with the files of a folder, as programs of Java do, for the gallery: java Serve.java transferTo|stream HOST PORT FOLDER

import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

public class Serve {
    public static void main(String[] arguments) throws IOException {
        boolean transfers = arguments[0].equals("transferTo");
        Path folder = Path.of(arguments[3]);
        try (ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress(arguments[1], Integer.parseInt(arguments[2])));
            while (true) {
                try (SocketChannel client = listener.accept()) {
                    answer(client, folder, transfers);
                } catch (IOException left) {
                    System.err.println(left);
                }
            }
        }
    }

    private static void answer(SocketChannel client, Path folder, boolean transfers) throws IOException {
        BufferedReader request = new BufferedReader(new InputStreamReader(client.socket().getInputStream(), StandardCharsets.US_ASCII));
        String line = request.readLine();
        if (line == null) {
            return;
        }
        Path file = folder.resolve(line.split(" ")[1].substring(1));
        while (!request.readLine().isEmpty()) {
            continue;
        }
        if (!Files.exists(file)) {
            say(client, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            return;
        }
        say(client, "HTTP/1.1 200 OK\r\nContent-Length: " + Files.size(file) + "\r\nConnection: close\r\n\r\n");
        if (transfers) {
            try (FileChannel from = FileChannel.open(file, StandardOpenOption.READ)) {
                for (long at = 0; at < from.size(); ) {
                    at += from.transferTo(at, from.size() - at, client);
                }
            }
        } else {
            try (InputStream from = new FileInputStream(file.toFile())) {
                OutputStream to = client.socket().getOutputStream();
                from.transferTo(to);
            }
        }
    }

    private static void say(SocketChannel client, String text) throws IOException {
        ByteBuffer bytes = StandardCharsets.US_ASCII.encode(text);
        while (bytes.hasRemaining()) {
            client.write(bytes);
        }
    }
}
